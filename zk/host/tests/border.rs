//! The functions as an executor offers them to a runtime: names, signatures, and memory that crosses over.

use codec::Encode;
use ofage_circuit::sample::{self, sample};
use ofage_primitives::{CircuitId, Domain, Element, JointInputs, LayerHasher, NativeHasher, PublicInputs};
use ofage_prover::Prover;
use ofage_zk_host::HostFunctions;
use sp_runtime_interface::sp_wasm_interface::{
    Function, FunctionContext, HostFunctions as _, Pointer, Result, Value, WordSize,
};

/// A proof of holder `n`. Another one each time.
fn prove(n: u64) -> (PublicInputs, Vec<u8>) {
    let (inputs, witness) = sample(n);
    let proof = Prover::new().prove(&inputs, &witness).unwrap();
    (inputs, proof.into_bytes())
}

/// A proof of holder `n` with some issuers. Another one each time.
fn prove_joint(n: u64, issuers: usize) -> (JointInputs, Vec<u8>) {
    let (inputs, witnesses) = sample::joint(n, issuers);
    let proof = Prover::new().prove_joint(&inputs, &witnesses).unwrap();
    (inputs, proof.into_bytes())
}

/// The linear memory of a runtime.
struct Memory(Vec<u8>);

impl Memory {
    /// Puts bytes into it, and returns their fat pointer.
    fn put(&mut self, bytes: &[u8]) -> Value {
        let start = self.0.len() as u64;
        self.0.extend(bytes);
        Value::I64((((bytes.len() as u64) << 32) | start) as i64)
    }

    fn range(&self, address: Pointer<u8>, length: usize) -> Result<std::ops::Range<usize>> {
        let start = usize::from(address);
        let end = start.checked_add(length).filter(|end| *end <= self.0.len());
        end.map(|end| start..end).ok_or_else(|| "out of bounds".into())
    }
}

impl FunctionContext for Memory {
    fn read_memory_into(&mut self, address: Pointer<u8>, target: &mut [u8]) -> Result<()> {
        target.copy_from_slice(&self.0[self.range(address, target.len())?]);
        Ok(())
    }

    fn write_memory(&mut self, address: Pointer<u8>, data: &[u8]) -> Result<()> {
        let range = self.range(address, data.len())?;
        self.0[range].copy_from_slice(data);
        Ok(())
    }

    fn allocate_memory(&mut self, _: WordSize) -> Result<Pointer<u8>> {
        Err("none of the functions allocates in the runtime".into())
    }

    fn deallocate_memory(&mut self, _: Pointer<u8>) -> Result<()> {
        Err("none of the functions allocates in the runtime".into())
    }

    fn register_panic_error_message(&mut self, _: &str) {}
}

fn function(name: &str) -> &'static dyn Function {
    HostFunctions::host_functions()
        .into_iter()
        .find(|function| function.name() == name)
        .unwrap()
}

fn call(name: &str, memory: &mut Memory, arguments: Vec<Value>) -> Result<Option<Value>> {
    function(name).execute(memory, &mut arguments.into_iter())
}

const YES: Result<Option<Value>> = Ok(Some(Value::I32(1)));
const NO: Result<Option<Value>> = Ok(Some(Value::I32(0)));

/// Runtimes that are on some chain import these. Lines may be added, never changed or removed.
#[test]
fn what_was_shipped_is_there() {
    let shipped: Vec<String> = HostFunctions::host_functions()
        .iter()
        .map(|function| {
            let signature = function.signature();
            format!(
                "{} {:?} {:?}",
                function.name(),
                signature.args,
                signature.return_value
            )
        })
        .collect();
    let expected = [
        "ext_age_zk_verify_version_1 [I32, I64, I64] Some(I32)",
        "ext_age_zk_verify_batch_version_1 [I32, I64, I64] Some(I32)",
        "ext_age_zk_hash_layer_version_1 [I32, I64, I64] Some(I32)",
        "ext_age_zk_verify_joint_version_1 [I32, I64, I64] Some(I32)",
        "ext_age_zk_verify_joint_batch_version_1 [I32, I64, I64] Some(I32)",
    ];
    for line in expected {
        assert!(
            shipped.iter().any(|shipped| shipped == line),
            "{line} is missing in {shipped:#?}"
        );
    }
    assert_eq!(
        shipped.len(),
        expected.len(),
        "a new function belongs into this list"
    );
}

/// A proof is found good by a function, and bad once its last number is another one.
fn crosses_over(function: &str, inputs: &impl Encode, mut proof: Vec<u8>) {
    for expected in [YES, NO] {
        let mut memory = Memory(vec![0; 64]);
        let arguments = vec![
            Value::I32(CircuitId::V1.0.into()),
            memory.put(&inputs.encode()),
            memory.put(&proof),
        ];
        assert_eq!(call(function, &mut memory, arguments), expected);
        let last_number = proof.len() - 32;
        proof[last_number] ^= 1;
    }
}

#[test]
fn a_proof_crosses_over() {
    let (inputs, proof) = prove(1);
    crosses_over("ext_age_zk_verify_version_1", &inputs, proof);
}

#[test]
fn a_joint_proof_crosses_over() {
    for issuers in 1..=4 {
        let (inputs, proof) = prove_joint(1, issuers);
        crosses_over("ext_age_zk_verify_joint_version_1", &inputs, proof);
    }
}

#[test]
fn a_joint_batch_crosses_over_and_its_bits_come_back() {
    let (first, second) = (prove_joint(1, 2), prove_joint(1, 3));
    let batch = [
        first.encode(),
        (&first.0, &second.1).encode(),
        second.encode(),
        (&second.0, &first.1).encode(),
    ]
    .concat();
    let mut memory = Memory(vec![0xaa; 64]);
    let arguments = vec![
        Value::I32(CircuitId::V1.0.into()),
        memory.put(&batch),
        memory.put(&[0xff]),
    ];
    memory.0.push(0xbb);
    assert_eq!(
        call("ext_age_zk_verify_joint_batch_version_1", &mut memory, arguments),
        NO
    );
    assert!(memory.0.ends_with(&[0b101, 0xbb]));
}

#[test]
fn a_batch_crosses_over_and_its_bits_come_back() {
    let [first, second] = [1, 2].map(prove);
    let batch = [
        (first.0, &first.1).encode(),
        (first.0, &second.1).encode(),
        (second.0, &second.1).encode(),
    ]
    .concat();
    let mut memory = Memory(vec![0xaa; 64]);
    let arguments = vec![
        Value::I32(CircuitId::V1.0.into()),
        memory.put(&batch),
        memory.put(&[0xff]),
    ];
    memory.0.push(0xbb);
    assert_eq!(
        call("ext_age_zk_verify_batch_version_1", &mut memory, arguments),
        NO
    );
    assert!(memory.0.ends_with(&[0b101, 0xbb]));
}

#[test]
fn a_layer_crosses_over_and_its_hashes_come_back() {
    let pair = [Element::from_u64(1), Element::from_u64(2)];
    let mut memory = Memory(vec![0; 64]);
    let arguments = vec![
        Value::I32(Domain::CapNode as i32),
        memory.put(&[pair[0].to_bytes(), pair[1].to_bytes()].concat()),
        memory.put(&[0; 32]),
    ];
    assert_eq!(
        call("ext_age_zk_hash_layer_version_1", &mut memory, arguments),
        YES
    );
    assert!(memory
        .0
        .ends_with(NativeHasher::hash_layer(Domain::CapNode, &[pair])[0].as_bytes()));
}

#[test]
fn pointers_out_of_memory_are_an_error_of_the_call() {
    let outside = Value::I64(((1u64 << 32) | 1_000_000) as i64);
    for name in [
        "ext_age_zk_verify_version_1",
        "ext_age_zk_verify_batch_version_1",
        "ext_age_zk_hash_layer_version_1",
        "ext_age_zk_verify_joint_version_1",
        "ext_age_zk_verify_joint_batch_version_1",
    ] {
        let arguments = vec![Value::I32(1), outside, outside];
        assert!(call(name, &mut Memory(vec![0; 64]), arguments).is_err());
    }
}
