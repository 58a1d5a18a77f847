//! See `ofage_light_fuzz::presentation`.
#![no_main]

ofage_light_fuzz::target!(presentation);
