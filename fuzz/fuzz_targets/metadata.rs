//! `pack_fuzz::metadata` for libFuzzer.
#![no_main]
pack_fuzz::libfuzzer!(metadata);
