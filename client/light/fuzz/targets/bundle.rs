//! See `ofage_light_fuzz::bundle`.
#![no_main]

ofage_light_fuzz::target!(bundle);
