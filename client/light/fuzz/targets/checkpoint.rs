//! See `ofage_light_fuzz::checkpoint`.
#![no_main]

ofage_light_fuzz::target!(checkpoint);
