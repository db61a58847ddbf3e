//! Only bytes: values written and read on the host, without any guest.

use std::hint::black_box;

use bench_model::{Entry, Json, entries, tree};
use pack_runtime::view::View;
use pack_runtime::{GraphView, MessageLimits};
use rkyv::api::high::{HighDeserializer, HighSerializer, HighValidator};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::util::AlignedVec;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasmtime::{Result, ensure};

use crate::harness::{Bench, FLOOR, Workload};

const LIMITS: MessageLimits = MessageLimits::DEFAULT;

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    all(bench, "tree of 10000", &tree(10_000))?;
    all(bench, "1000 records", &entries(1000))
}

/// A value that all codecs know.
trait Data:
    Clone
    + PartialEq
    + GraphView
    + Serialize
    + DeserializeOwned
    + borsh::BorshSerialize
    + borsh::BorshDeserialize
    + for<'a> rkyv::Serialize<HighSerializer<AlignedVec, ArenaHandle<'a>, rancor::Error>>
    + rkyv::Archive<
        Archived: for<'a> CheckBytes<HighValidator<'a, rancor::Error>>
                      + rkyv::Deserialize<Self, HighDeserializer<rancor::Error>>,
    >
{
    /// Writing and reading with bitcode, where that can.
    const BITCODE: Option<Bitcode<Self>>;
}

struct Bitcode<T> {
    encode: fn(&T) -> Vec<u8>,
    decode: fn(&[u8]) -> Result<T, bitcode::Error>,
}

impl Data for Json {
    /// It has a column for each field, of which a recursive type would have no end.
    const BITCODE: Option<Bitcode<Self>> = None;
}

impl Data for Vec<Entry> {
    const BITCODE: Option<Bitcode<Self>> = Some(Bitcode {
        encode: bitcode::encode,
        decode: |bytes| bitcode::decode(bytes),
    });
}

fn all<T: Data>(bench: &mut Bench, name: &str, data: &T) -> Result<()> {
    bench.workload(&format!("encode {name}"), |w| encode(w, data))?;
    bench.workload(&format!("decode {name}"), |w| decode(w, data))?;
    bench.workload(&format!("access {name}"), |w| access(w, data))?;
    let name = format!("message of {name}");
    if bench.wants(&name) {
        let mut sizes = vec![
            ("borsh", borsh::to_vec(data)?.len()),
            ("Pack", pack_abi::wire::encode(data)?.len()),
            ("postcard", postcard::to_allocvec(data)?.len()),
            ("rkyv", rkyv::to_bytes::<rancor::Error>(data)?.len()),
            ("serde_json", serde_json::to_vec(data)?.len()),
        ];
        if let Some(bitcode) = T::BITCODE {
            sizes.push(("bitcode", (bitcode.encode)(data).len()));
        }
        let sizes = sizes
            .into_iter()
            .map(|(name, length)| (name, length as u64));
        bench.report.sizes(&name, &sizes.collect::<Vec<_>>());
    }
    Ok(())
}

/// The floor is borsh, the fastest of those that write values as they are.
fn encode<'a, T: Data>(w: &mut Workload<'a>, data: &'a T) -> Result<()> {
    w.contender(
        FLOOR,
        move |bytes: &Vec<u8>| borsh::from_slice::<T>(bytes).is_ok_and(|read| read == *data),
        move || Ok(borsh::to_vec(data)?),
    );
    w.contender(
        "Pack",
        move |bytes: &Vec<u8>| {
            pack_abi::wire::decode::<T>(bytes, LIMITS).is_ok_and(|read| read == *data)
        },
        move || Ok(pack_abi::wire::encode(data)?),
    );
    w.contender(
        "postcard",
        move |bytes: &Vec<u8>| postcard::from_bytes::<T>(bytes).is_ok_and(|read| read == *data),
        move || Ok(postcard::to_allocvec(data)?),
    );
    if let Some(Bitcode { encode, decode }) = T::BITCODE {
        w.contender(
            "bitcode",
            move |bytes: &Vec<u8>| decode(bytes).is_ok_and(|read| read == *data),
            move || Ok(encode(data)),
        );
    }
    w.contender(
        "rkyv",
        move |bytes: &AlignedVec| {
            rkyv::from_bytes::<T, rancor::Error>(bytes).is_ok_and(|read| read == *data)
        },
        move || Ok(rkyv::to_bytes::<rancor::Error>(data)?),
    );
    w.contender(
        "serde_json",
        move |bytes: &Vec<u8>| serde_json::from_slice::<T>(bytes).is_ok_and(|read| read == *data),
        move || Ok(serde_json::to_vec(data)?),
    );
    Ok(())
}

/// The floor makes and drops the value, as all have to.
fn decode<'a, T: Data>(w: &mut Workload<'a>, data: &'a T) -> Result<()> {
    let is_right = move |read: &T| *read == *data;
    w.contender(FLOOR, is_right, move || Ok(data.clone()));
    let bytes = borsh::to_vec(data)?;
    w.contender("borsh", is_right, move || Ok(borsh::from_slice(&bytes)?));
    let bytes = pack_abi::wire::encode(data)?;
    w.contender("Pack", is_right, move || {
        Ok(pack_abi::wire::decode(&bytes, LIMITS)?)
    });
    let bytes = postcard::to_allocvec(data)?;
    w.contender("postcard", is_right, move || {
        Ok(postcard::from_bytes(&bytes)?)
    });
    if let Some(Bitcode { encode, decode }) = T::BITCODE {
        let bytes = encode(data);
        w.contender("bitcode", is_right, move || Ok(decode(&bytes)?));
    }
    let bytes = rkyv::to_bytes::<rancor::Error>(data)?;
    w.contender("rkyv", is_right, move || {
        Ok(rkyv::from_bytes::<T, rancor::Error>(&bytes)?)
    });
    let bytes = serde_json::to_vec(data)?;
    w.contender("serde_json", is_right, move || {
        Ok(serde_json::from_slice(&bytes)?)
    });
    Ok(())
}

/// Bytes checked and read where they are, without making the value.
fn access<'a, T: Data>(w: &mut Workload<'a>, data: &'a T) -> Result<()> {
    w.contender(
        FLOOR,
        move |read: &T| *read == *data,
        move || Ok(data.clone()),
    );
    let bytes = pack_abi::wire::encode(data)?;
    ensure!(
        View::<T>::new(&bytes, LIMITS)?.to_owned() == *data,
        "Pack reads something else"
    );
    w.contender(
        "Pack",
        |()| true,
        move || {
            let view = View::<T>::new(&bytes, LIMITS)?;
            black_box(view.get());
            Ok(())
        },
    );
    let bytes = rkyv::to_bytes::<rancor::Error>(data)?;
    // What is there is compared beforehand, as the value that it stands for.
    ensure!(
        rkyv::from_bytes::<T, rancor::Error>(&bytes)? == *data,
        "rkyv reads something else"
    );
    w.contender(
        "rkyv",
        |()| true,
        move || {
            black_box(rkyv::access::<T::Archived, rancor::Error>(&bytes)?);
            Ok(())
        },
    );
    Ok(())
}
