//! See `ofage_light_fuzz::header`.
#![no_main]

ofage_light_fuzz::target!(header);
