//! Presentations, in their binary and their JSON form.

use crate::scene;
use ofage_light::Refusal;
use ofage_primitives::Presentation;

/// One presentation, in both forms.
pub fn seeds() -> Vec<Vec<u8>> {
    let presentation = scene::presentation();
    let json = serde_json::to_vec(&presentation).expect("presentations have a JSON form; qed");
    vec![presentation.to_bytes(), json]
}

/// Reads, and writes again.
///
/// # Panics
/// When a binary form has two encodings, or the forms differ.
pub fn check(bytes: &[u8]) {
    let Ok(presentation) = Refusal::read(bytes) else {
        assert!(
            Presentation::from_bytes(bytes).is_err(),
            "one of two readers takes it"
        );
        return;
    };
    let binary = presentation.to_bytes();
    assert_eq!(Presentation::from_bytes(&binary).as_ref(), Ok(&presentation));
    if Presentation::from_bytes(bytes).is_ok() {
        assert_eq!(binary, bytes);
    }
    let json = serde_json::to_vec(&presentation).expect("presentations have a JSON form; qed");
    assert_eq!(Refusal::read(&json), Ok(presentation));
}
