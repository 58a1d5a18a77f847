//! See `ofage_light_fuzz::state_proof`.
#![no_main]

ofage_light_fuzz::target!(state_proof);
