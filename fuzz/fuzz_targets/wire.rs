//! `pack_fuzz::wire` for libFuzzer.
#![no_main]
pack_fuzz::libfuzzer!(wire);
