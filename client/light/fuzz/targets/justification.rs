//! See `ofage_light_fuzz::justification`.
#![no_main]

ofage_light_fuzz::target!(justification);
