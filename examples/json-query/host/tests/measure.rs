#![allow(warnings, clippy::all)]
use std::time::{Duration, Instant};
#[path = "common/mod.rs"]
mod common;
mod b { pack_runtime::bindgen!("../wit"); }
use b::demo::json_query::types::{Filter, Json};
use b::demo::json_query::log::Level;
use json_query_guest::demo::json_query::types as gt;
use json_query_guest::exports::demo::json_query::Query as _;

#[derive(Default)]
struct Host { at: Vec<Instant> }
impl b::imports::demo::json_query::Log for Host {
    fn log(&mut self, _: Level, _m: String) { self.at.push(Instant::now()); }
}
fn conv(j: &Json) -> gt::Json { match j {
    Json::Null => gt::Json::Null, Json::Boolean(b) => gt::Json::Boolean(*b), Json::Number(n) => gt::Json::Number(*n),
    Json::Text(t) => gt::Json::Text(t.clone()), Json::Array(a) => gt::Json::Array(a.iter().map(conv).collect()),
    Json::Object(m) => gt::Json::Object(m.iter().map(|(k, v)| (k.clone(), conv(v))).collect()) } }
fn conv2(j: json_query_host::package::Json) -> Json { use json_query_host::package::Json as J; match j {
    J::Null => Json::Null, J::Boolean(b) => Json::Boolean(b), J::Number(n) => Json::Number(n), J::Text(t) => Json::Text(t),
    J::Array(a) => Json::Array(a.into_iter().map(conv2).collect()),
    J::Object(m) => Json::Object(m.into_iter().map(|(k, v)| (k, conv2(v))).collect()) } }
fn ms(d: Duration) -> f64 { d.as_secs_f64() * 1e3 }
fn best<T>(n: usize, mut f: impl FnMut() -> T) -> f64 { let mut b = f64::MAX; for _ in 0..n { let t = Instant::now(); let r = f(); let e = ms(t.elapsed()); std::hint::black_box(&r); drop(r); b = b.min(e); } b }

#[test] fn measure() {
    let wasm = include_bytes!(env!("JSON_QUERY_PACKAGE"));
    println!("engine start {:.2} ms", best(3, || pack_runtime::Runtime::new().unwrap()));
    let rt = pack_runtime::Runtime::new().unwrap();
    println!("load {} bytes: {:.2} ms", wasm.len(), best(5, || rt.load(wasm).unwrap()));
    let package = rt.load(wasm).unwrap();
    println!("link+instantiate {:.3} ms", best(20, || b::JsonQuery::instantiate(&package, Host::default()).unwrap()));
    let mut text = common::large_document(5 << 20);
    text.truncate(text.len() - 1);
    text.push_str(",\"note\":1,\"note\":2}");
    println!("document: {} bytes", text.len());
    println!("parse JSON text (serde) {:.1} ms", best(5, || json_query_host::read::document(text.as_bytes()).unwrap()));
    let doc = conv2(json_query_host::read::document(text.as_bytes()).unwrap());
    let limits = pack_runtime::Limits::DEFAULT;
    let bytes = pack_abi::wire::encode(&doc).unwrap();
    println!("wire: {} bytes", bytes.len());
    let mut nodes = 0u64; fn count(j: &Json, n: &mut u64) { *n += 1; match j { Json::Array(a) => a.iter().for_each(|x| count(x, n)), Json::Object(m) => m.iter().for_each(|(_, x)| count(x, n)), _ => {} } } count(&doc, &mut nodes);
    println!("values: {nodes}");
    println!("native encode to Vec {:.1} ms", best(7, || pack_abi::wire::encode(&doc).unwrap()));
    println!("native decode {:.1} ms", best(7, || pack_abi::wire::decode::<Json>(&bytes, limits).unwrap()));
    println!("native clone {:.1} ms", best(7, || doc.clone()));
    { let mut b = f64::MAX; for _ in 0..5 { let c = doc.clone(); let t = Instant::now(); drop(c); b = b.min(ms(t.elapsed())); } println!("native drop {b:.1} ms"); }
    let gdoc = conv(&doc);
    for f in ["length", ".", ".orders | map(.total * 2)", ".orders | map({number, customer, total})", ".orders | map(select(.paid)) | length"] {
        let gf = json_query_guest::Package::parse(f.into()).unwrap();
        let mut bn = f64::MAX;
        for _ in 0..7 { let d = gdoc.clone(); let g = gf.clone(); let t = Instant::now(); let r = json_query_guest::Package::run(d, g); bn = bn.min(ms(t.elapsed())); assert!(r.is_ok()); }
        let mut p = b::JsonQuery::instantiate(&package, Host::default()).unwrap();
        let hf = p.query().parse(f).unwrap().unwrap();
        let mut rows = vec![];
        for _ in 0..8 {
            p.instance().host_mut().at.clear();
            let t = Instant::now();
            let r = p.query().run(&doc, &hf).unwrap().unwrap();
            let end = Instant::now();
            let at = p.instance().host().at.clone();
            rows.push((ms(end - t), ms(at[0] - t), ms(at[1] - at[0]), ms(end - at[1]), r));
        }
        let first = rows[0].0;
        let bestr = rows.iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let out = pack_abi::wire::encode(&bestr.4).unwrap();
        let dec = best(5, || pack_abi::wire::decode::<Vec<Json>>(&out, limits).unwrap());
        println!("{f:45} native guest {bn:6.1} | first {first:6.1} best {:6.1} = send+decode+check {:6.1}, eval {:6.1}, encode+drop+host decode {:6.1} (of it host decode of {} bytes {dec:.1})", bestr.0, bestr.1, bestr.2, bestr.3, out.len());
    }
    let mut p = b::JsonQuery::instantiate(&package, Host::default()).unwrap();
    let hf = p.query().parse(".").unwrap().unwrap();
    println!("small call run(null, .): {:.2} us", { let t = Instant::now(); for _ in 0..20000 { p.query().run(&Json::Null, &hf).unwrap(); } ms(t.elapsed()) * 1e3 / 20000.0 });
    for f in ["length", "."] {
        let mut p = b::JsonQuery::instantiate(&package, Host::default()).unwrap();
        let hf = p.query().parse(f).unwrap().unwrap();
        for round in 0..40 {
            p.instance().host_mut().at.clear();
            let t = Instant::now();
            let r = p.query().run(&doc, &hf).unwrap().unwrap();
            let end = Instant::now();
            let at = p.instance().host().at.clone();
            if round % 6 == 0 { println!("{f} round {round}: total {:.1} = {:.1} + {:.1} + {:.1}", ms(end - t), ms(at[0] - t), ms(at[1] - at[0]), ms(end - at[1])); }
        }
    }
}
