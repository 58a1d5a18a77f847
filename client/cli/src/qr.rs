//! QR codes in the terminal.

use qrcode::{render::unicode::Dense1x2, EcLevel, QrCode};

use crate::failure::Failure;

/// A text as a QR code of half blocks, dark on light whatever the terminal's colours are.
pub(crate) fn code(text: &str) -> Result<String, Failure> {
    // The lowest level of correction: a terminal is clean, and the code stays small.
    let code = QrCode::with_error_correction_level(text, EcLevel::L)
        .map_err(|_| Failure::input("the text is too long for a QR code"))?;
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    Ok(format!("{picture}\n"))
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_text_becomes_lines_of_one_width_and_too_long_a_one_does_not() {
        let picture = code("openid-credential-offer://?credential_offer=x").unwrap();
        let widths: Vec<_> = picture.lines().map(|line| line.chars().count()).collect();
        assert!(widths.len() > 10 && widths.iter().all(|width| *width == widths[0]));
        assert_ne!(
            picture,
            code("openid-credential-offer://?credential_offer=y").unwrap()
        );
        assert!(code(&"x".repeat(3_000)).is_err());
    }
}
