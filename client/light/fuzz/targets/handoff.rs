//! See `ofage_light_fuzz::handoff`.
#![no_main]

ofage_light_fuzz::target!(handoff);
