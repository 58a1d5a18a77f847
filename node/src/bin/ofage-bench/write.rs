//! Writes fitted costs as `WeightInfo` implementations.

use crate::run::{Fit, Measured};
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// Writes one file a pallet into `folder` and says which.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn files(
    measured: &[Measured],
    folder: &Path,
    steps: u32,
    repeat: u32,
) -> Result<Vec<PathBuf>, String> {
    let mut pallets: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    for m in measured {
        pallets.entry(&m.pallet).or_default().push(m);
    }
    let mut paths = Vec::new();
    for (pallet, benchmarks) in pallets {
        let path = folder.join(format!("{pallet}.rs"));
        fs::write(&path, file(pallet, &benchmarks, steps, repeat))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        paths.push(path);
    }
    Ok(paths)
}

fn file(pallet: &str, benchmarks: &[&Measured], steps: u32, repeat: u32) -> String {
    let mut out = format!(
        "//! Weights of `{pallet}`, measured by `ofage-bench` with {steps} steps and {repeat} repeats.\n\
         //!\n\
         //! Machine: {}.\n\
         //! Regenerate with `ofage-bench --pallet {pallet} --output runtime/src/weights`; do not edit.\n\n\
         use core::marker::PhantomData;\n\
         use frame_support::{{traits::Get, weights::Weight}};\n\n\
         /// Measured weights of `{pallet}`.\n\
         pub struct WeightInfo<T>(PhantomData<T>);\n\n\
         #[rustfmt::skip]\n\
         impl<T: frame_system::Config> {pallet}::WeightInfo for WeightInfo<T> {{\n",
        processor(),
    );
    for m in benchmarks {
        function(&mut out, m);
    }
    out.push_str("}\n");
    out
}

fn function(out: &mut String, m: &Measured) {
    let used = |i: usize| {
        [&m.time, &m.reads, &m.writes, &m.proof]
            .iter()
            .any(|f| f.slopes.get(i).is_some_and(|s| *s > 0))
    };
    let params: Vec<String> = m
        .components
        .iter()
        .enumerate()
        .map(|(i, (n, ..))| format!("{}{n}: u32", if used(i) { "" } else { "_" }))
        .collect();
    for (name, low, high) in &m.components {
        line(
            out,
            1,
            &format!("/// `{name}` was measured over `[{low}, {high}]`."),
        );
    }
    line(
        out,
        1,
        &format!("fn {}({}) -> Weight {{", m.name, params.join(", ")),
    );
    line(
        out,
        2,
        &format!("// Shortest time seen: {} ps.", grouped(m.minimum)),
    );
    line(
        out,
        2,
        &format!(
            "Weight::from_parts({}, {})",
            grouped(m.time.base),
            grouped(m.proof.base)
        ),
    );
    for (i, (name, ..)) in m.components.iter().enumerate() {
        let (time, proof) = (slope(&m.time, i), slope(&m.proof, i));
        if time > 0 || proof > 0 {
            let each = format!("Weight::from_parts({}, {})", grouped(time), grouped(proof));
            line(
                out,
                3,
                &format!(".saturating_add({each}.saturating_mul({name}.into()))"),
            );
        }
    }
    for (kind, fit) in [("reads", &m.reads), ("writes", &m.writes)] {
        if fit.base > 0 {
            line(
                out,
                3,
                &format!(".saturating_add(T::DbWeight::get().{kind}({}_u64))", fit.base),
            );
        }
        for (i, (name, ..)) in m.components.iter().enumerate() {
            if slope(fit, i) > 0 {
                let count = format!("{}_u64.saturating_mul({name}.into())", slope(fit, i));
                line(
                    out,
                    3,
                    &format!(".saturating_add(T::DbWeight::get().{kind}({count}))"),
                );
            }
        }
    }
    line(out, 1, "}");
}

fn slope(fit: &Fit, component: usize) -> u128 {
    fit.slopes.get(component).copied().unwrap_or(0)
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{:width$}{text}", "", width = depth * 4);
}

fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push('_');
        }
        out.push(c);
    }
    out
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .map(|l| l.trim_start_matches([' ', '\t', ':']));
    let threads = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {threads} threads", model.unwrap_or("unknown processor"))
}
