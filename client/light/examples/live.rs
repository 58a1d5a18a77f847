//! Follows a chain as a light client, and prints what it costs.
//!
//! ```text
//! cargo run --release -p ofage-light --features live --example live -- SPEC.json [BOOT-NODE…]
//! ```
//!
//! With `OFAGE_LIGHT_DATABASE` naming a file, it starts from that file if it is there, and saves to it at the end.

use std::{error::Error, time::Instant};

use ofage_light::live::{genesis_checkpoint, Live, LiveOptions};

/// Final blocks to look at before the end.
const BLOCKS: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let spec = arguments.next().ok_or("usage: live SPEC.json [BOOT-NODE…]")?;
    let spec = std::fs::read_to_string(spec)?;
    let boot_nodes: Vec<String> = arguments.collect();
    let file = std::env::var_os("OFAGE_LIGHT_DATABASE");
    let database = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());

    let since = Instant::now();
    let first = genesis_checkpoint(&spec)?;
    println!(
        "{:>8.2?}  genesis {}",
        since.elapsed(),
        hex::encode(first.genesis().0)
    );

    let since = Instant::now();
    let from_database = database.is_some();
    let options = LiveOptions {
        database,
        ..LiveOptions::default()
    };
    let live = Live::start(&spec, &boot_nodes, options).await?;
    let say = |what: &str| {
        let received = live.traffic().received / 1_000;
        println!("{:>8.2?}  {received:>6} kB  {what}", since.elapsed());
    };
    say(if from_database {
        "started, from a database"
    } else {
        "started"
    });
    let mut news = live.subscribe();
    let head = live.finalized().await?;
    say(&format!("block {} is final", head.number()));
    let root = live.header(head.number().saturating_sub(1).max(1)).await?;
    say(&format!(
        "block {} has the registry root {}",
        root.number(),
        hex::encode(root.registry_root().to_bytes())
    ));
    let checkpoint = live.checkpoint().await?;
    say(&format!(
        "set {} of {} authorities finalizes the blocks after {}",
        checkpoint.set().id(),
        checkpoint.set().keys().len(),
        checkpoint.number()
    ));
    for _ in 0..BLOCKS {
        let head = news.recv().await?;
        say(&format!("block {} is final", head.number()));
    }
    let root = live.header(live.finalized().await?.number() - 1).await?;
    say(&format!("block {} proved", root.number()));
    if let Some(file) = file {
        let database = live.database().await?;
        say(&format!("database of {} bytes", database.len()));
        std::fs::write(file, database)?;
    }
    Ok(())
}
