//! `pack_fuzz::wit` for libFuzzer.
#![no_main]
pack_fuzz::libfuzzer!(wit);
