// What guests of this world that borrow do besides.

#[pack::export(exports::test::shapes::echo)]
fn quad(v: [u16; 4]) -> [u16; 4] {
    v
}

#[pack::export(exports::test::shapes::echo)]
fn nothing() {}

#[pack::export(exports::test::shapes::echo)]
fn many_params(
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: i8,
    f: i16,
    g: i32,
    h: i64,
    i: f32,
    j: f64,
    k: char,
    l: bool,
    m: &str,
    n: ListRef<'_, u32>,
    o: Option<u8>,
    p: Color,
    q: Point,
) -> String {
    alloc::format!("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m} {n:?} {o:?} {p:?} {q:?}")
}
