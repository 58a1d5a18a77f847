use clap::{Command, CommandFactory, Parser};

use crate::{
    args::Cli,
    failure::{Kind, Status},
};

fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    let name = format!("{path} {}", command.get_name()).trim().to_owned();
    if command.has_subcommands() {
        command
            .get_subcommands()
            .for_each(|sub| leaves(sub, &name, found));
    } else {
        found.push((name, command.clone()));
    }
}

fn all() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    leaves(&Cli::command(), "", &mut found);
    found
}

#[test]
fn the_tree_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn the_commands_are_these() {
    let names: Vec<String> = all().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "ofage issuer register",
            "ofage issuer accept",
            "ofage issuer attest",
            "ofage issuer serve",
            "ofage issuer offer",
            "ofage issuer bridge challenge",
            "ofage issuer bridge check",
            "ofage issuer bridge forget",
            "ofage issuer status",
            "ofage issuer consent",
            "ofage issuer seal",
            "ofage issuer forget",
            "ofage issuer revoke",
            "ofage issuer revoke-shards",
            "ofage issuer audit",
            "ofage issuer restore-shards",
            "ofage issuer rotate",
            "ofage issuer update",
            "ofage issuer profile new",
            "ofage issuer profile sign",
            "ofage issuer profile publish",
            "ofage issuer profile check",
            "ofage issuer retire",
            "ofage issuer withdraw-deposit",
            "ofage list create",
            "ofage list add",
            "ofage list remove",
            "ofage list hand-over",
            "ofage list accept",
            "ofage list freeze",
            "ofage list show",
            "ofage wallet new",
            "ofage wallet request",
            "ofage wallet import",
            "ofage wallet refresh",
            "ofage wallet prove",
            "ofage wallet list",
            "ofage gate create",
            "ofage gate fund",
            "ofage gate show",
            "ofage gate update",
            "ofage gate close",
            "ofage gate withdraw",
            "ofage gate prune",
            "ofage gate remove",
            "ofage policy",
            "ofage challenge",
            "ofage verify",
            "ofage checkpoint create",
            "ofage checkpoint show",
            "ofage checkpoint verify",
            "ofage light serve",
            "ofage light status",
            "ofage admit",
            "ofage key new",
            "ofage key show",
            "ofage key backup",
            "ofage key restore",
            "ofage account show",
            "ofage account transfer",
            "ofage council propose suspend",
            "ofage council propose reinstate",
            "ofage council propose slash",
            "ofage council propose add-validator",
            "ofage council propose remove-validator",
            "ofage council propose set-members",
            "ofage council propose authorize-upgrade",
            "ofage council propose disable-circuit",
            "ofage council propose enable-circuit",
            "ofage council vote",
            "ofage council close",
            "ofage council status",
            "ofage council members",
            "ofage council apply-upgrade",
            "ofage chain status",
            "ofage chain wait",
            "ofage dev sample-csv",
        ]
    );
}

/// The examples of a command: the indented lines after "Example:".
fn examples(command: &Command) -> Vec<String> {
    let help = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let (_, after) = help
        .split_once("Example:")
        .or_else(|| help.split_once("Examples:"))
        .unwrap_or_default();
    // Lines that end with a backslash go on below.
    after
        .replace("\\\n", " ")
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| line.starts_with("ofage "))
        .collect()
}

#[test]
fn every_command_explains_itself_with_an_example() {
    for (name, command) in all() {
        assert!(command.get_about().is_some(), "{name} says nothing about itself");
        assert!(!examples(&command).is_empty(), "{name} shows no example");
        for argument in command.get_arguments() {
            assert!(
                argument.get_help().is_some(),
                "{name}: {} is not explained",
                argument.get_id()
            );
        }
    }
}

#[test]
fn every_example_is_accepted() {
    for (name, command) in all() {
        for example in examples(&command) {
            let words = words(&example);
            assert!(
                words
                    .join(" ")
                    .starts_with(name.rsplit_once(' ').map_or("", |(parent, _)| parent)),
                "{example}"
            );
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{example}\n{error}");
            }
        }
    }
}

/// Splits as a shell would, for single quotes only.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn the_exit_codes_are_documented() {
    let help = Cli::command().get_after_help().unwrap().to_string();
    for code in [Status::Yes.code(), Status::No.code(), Status::BadInput.code()]
        .into_iter()
        .chain(
            [
                Kind::No,
                Kind::Usage,
                Kind::Input,
                Kind::Chain,
                Kind::Wallet,
                Kind::Internal,
            ]
            .map(Kind::code),
        )
    {
        assert!(help.contains(&format!("\n  {code} ")), "{code} is not documented");
    }
}

#[test]
fn nothing_secret_is_an_argument() {
    for (name, command) in all() {
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            for word in ["passphrase", "secret", "seed", "mnemonic", "birth"] {
                assert!(
                    !id.contains(word) || id.ends_with("_file"),
                    "{name} takes {id} as an argument"
                );
            }
        }
    }
}

#[test]
fn wrong_arguments_are_told() {
    for wrong in [
        "ofage",
        "ofage wallet",
        "ofage wallet prove",
        "ofage wallet prove --gate 0",
        "ofage wallet prove --gate 0 --account nobody",
        "ofage wallet prove --gate 0 --account dev:Bob --challenge c.json",
        "ofage wallet prove --challenge c.json --valid-blocks 5",
        "ofage verify proof.json",
        "ofage verify proof.json --gate 0",
        "ofage verify proof.ofab --challenge c.json --checkpoint c --light --spec s.json",
        "ofage verify proof.ofab --challenge c.json --checkpoint c --max-state-age 300b",
        "ofage verify proof.ofab --challenge c.json --checkpoint c --oldest-anchor 300",
        "ofage verify proof.json --challenge c.json --max-state-age 1h",
        "ofage verify proof.json --challenge c.json --oldest-anchor 2h",
        "ofage verify proof.json --challenge c.json --update-checkpoint",
        "ofage verify proof.json --challenge c.json --light",
        "ofage verify proof.json --challenge c.json --spec s.json",
        "ofage verify proof.json --challenge c.json --boot /ip4/192.0.2.1/tcp/1/p2p/x",
        "ofage wallet prove --challenge c.json --bundle b.ofab",
        "ofage wallet prove --challenge c.json --bundle-from c.json",
        "ofage checkpoint",
        "ofage checkpoint create --out c.json",
        "ofage checkpoint create --spec s.json --from c.json",
        "ofage checkpoint show",
        "ofage checkpoint verify c.json --max-age 1w",
        "ofage issuer register --metadata a",
        "ofage issuer register --metadata a --dev-key Alice --key-file f",
        "ofage issuer attest --csv a --credentials b --register c --dev-key Alice --batch 4097",
        "ofage issuer attest --csv a --credentials b --register c --dev-key Alice --batch 0",
        "ofage issuer attest --csv a --credentials b --register c --dev-key Alice --in-flight 0",
        "ofage issuer revoke --reference a --dev-key Alice",
        "ofage issuer revoke --register j --dev-key Alice",
        "ofage issuer revoke --position 3 --mirror m --dev-key Alice",
        "ofage issuer revoke --position 3:70000 --mirror m --dev-key Alice",
        "ofage issuer revoke --reference a --mirror m --dev-key Alice",
        "ofage issuer revoke-shards --dev-key Alice",
        "ofage issuer rotate --dev-key Alice",
        "ofage list hand-over --list 0 --dev-key Curator",
        "ofage list hand-over --list 0 --to dev:Bob --nobody --dev-key Curator",
        "ofage gate update --gate 0 --dev-key App",
        "ofage gate withdraw --gate 0 --dev-key App",
        "ofage key new",
        "ofage key backup --key-file k",
        "ofage key restore",
        "ofage key restore --check --out k",
        "ofage account transfer --to dev:Bob --dev-key Alice",
        "ofage account transfer --to dev:Bob --amount 1 --up-to 2 --dev-key Alice",
        "ofage council propose --dev-key Alice",
        "ofage council propose set-members --dev-key Alice",
        "ofage council propose authorize-upgrade --dev-key Alice",
        "ofage council vote --dev-key Alice",
        "ofage council vote --motion 3 --hash 0x12 --dev-key Alice",
        "ofage gate create --name a --over 18 --dev-key App",
        "ofage gate create --name a --list 0 --over 300 --dev-key App",
        "ofage policy --list 0 --over 18 --issuers 300",
        "ofage policy --policy p.json --issuers 2",
        "ofage wallet new --decoys 16",
        "ofage gate create --name a --policy p.json --over 18 --dev-key App",
        "ofage gate create --name a --list 0 --over 18 --require magic --dev-key App",
        "ofage gate fund --gate 0 --amount -1 --dev-key App",
        "ofage challenge --origin chat.example --account a --list 0 --over 18",
        "ofage challenge --origin https://chat.example --account a --list 0 --over 18 --minutes 0",
        "ofage dev sample-csv --issuer 0 --holder ann.json",
    ] {
        assert!(Cli::try_parse_from(wrong.split(' ')).is_err(), "{wrong}");
    }
}
