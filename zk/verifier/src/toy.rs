//! A circuit small enough to check its proofs by the ten thousand: "I know a factor of this product".

use crate::{batch::Item, checker::Checker};
use getrandom::SysRng;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{
        create_proof, keygen_pk, keygen_vk, Advice, Circuit, Column, ConstraintSystem, Error, Instance,
        ProvingKey, Selector,
    },
    poly::{commitment::Params, Rotation},
    transcript::{Blake2bWrite, Challenge255},
};
use ofage_primitives::{CircuitId, Fp};
use pasta_curves::EqAffine;
use rand_core::UnwrapErr;
use std::sync::OnceLock;

/// Public inputs: the product, and the factor that is not secret.
pub(crate) const INPUTS: usize = 2;
/// Most instances in a proof.
pub(crate) const MOST: usize = 4;
/// Rows are 2^4.
const K: u32 = 4;

/// Instances and a proof of them.
pub(crate) type Joint = (Vec<[Fp; INPUTS]>, Vec<u8>);

#[derive(Clone, Debug)]
pub(crate) struct Config {
    advice: [Column<Advice>; 3],
    instance: Column<Instance>,
    product: Selector,
}

#[derive(Clone, Default)]
struct Product {
    public: Value<Fp>,
    secret: Value<Fp>,
}

impl Circuit<Fp> for Product {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        Self::default()
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Config {
        let advice = [(); 3].map(|()| meta.advice_column());
        let instance = meta.instance_column();
        let product = meta.selector();
        meta.enable_equality(instance);
        advice.iter().for_each(|column| meta.enable_equality(*column));
        meta.create_gate("product", |meta| {
            let [a, b, c] = advice.map(|column| meta.query_advice(column, Rotation::cur()));
            vec![meta.query_selector(product) * (a * b - c)]
        });
        Config {
            advice,
            instance,
            product,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fp>) -> Result<(), Error> {
        let (factor, product) = layouter.assign_region(
            || "product",
            |mut region| {
                config.product.enable(&mut region, 0)?;
                let [a, b, c] = config.advice;
                let factor = region.assign_advice(|| "public factor", a, 0, || self.public)?;
                region.assign_advice(|| "secret factor", b, 0, || self.secret)?;
                let product = region.assign_advice(|| "product", c, 0, || self.public * self.secret)?;
                Ok((factor, product))
            },
        )?;
        layouter.constrain_instance(product.cell(), config.instance, 0)?;
        layouter.constrain_instance(factor.cell(), config.instance, 1)
    }
}

struct Keys {
    params: Params<EqAffine>,
    pk: ProvingKey<EqAffine>,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let params = Params::new(K);
        let vk = keygen_vk(&params, &Product::default()).unwrap();
        let pk = keygen_pk(&params, vk, &Product::default()).unwrap();
        Keys { params, pk }
    })
}

pub(crate) fn checker() -> Checker<'static, INPUTS> {
    Checker::new(CircuitId(0), &keys().params, keys().pk.get_vk(), MOST).unwrap()
}

/// A good proof that `public` divides `public * secret`.
pub(crate) fn prove(public: u64, secret: u64) -> ([Fp; INPUTS], Vec<u8>) {
    let (instances, proof) = prove_joint(&[(public, secret)]);
    (instances[0], proof)
}

/// A good proof of several instances.
pub(crate) fn prove_joint(factors: &[(u64, u64)]) -> Joint {
    let factors: Vec<(Fp, Fp)> = factors
        .iter()
        .map(|(public, secret)| (Fp::from(*public), Fp::from(*secret)))
        .collect();
    let instances: Vec<[Fp; INPUTS]> = factors
        .iter()
        .map(|(public, secret)| [public * secret, *public])
        .collect();
    let circuits: Vec<Product> = factors
        .iter()
        .map(|(public, secret)| Product {
            public: Value::known(*public),
            secret: Value::known(*secret),
        })
        .collect();
    let columns: Vec<[&[Fp]; 1]> = instances.iter().map(|column| [&column[..]]).collect();
    let columns: Vec<&[&[Fp]]> = columns.iter().map(|columns| &columns[..]).collect();
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<EqAffine>>::init(Vec::new());
    create_proof(
        &keys().params,
        &keys().pk,
        &circuits,
        &columns,
        UnwrapErr(SysRng),
        &mut transcript,
    )
    .unwrap();
    (instances, transcript.finalize())
}

/// Good proofs, all different, of one to [`MOST`] instances in turn.
pub(crate) fn prove_many(count: u64) -> Vec<Joint> {
    (0..count)
        .map(|n| {
            let instances = 1 + n % MOST as u64;
            let factors: Vec<(u64, u64)> = (0..instances).map(|at| (n + at + 2, n + 3)).collect();
            prove_joint(&factors)
        })
        .collect()
}

/// Proofs as items of a batch.
pub(crate) fn items(proofs: &[Joint]) -> Vec<Item<'_, INPUTS>> {
    proofs
        .iter()
        .map(|(instances, proof)| Item {
            instances: instances.clone(),
            proof,
        })
        .collect()
}
