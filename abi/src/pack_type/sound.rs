//! Whether the types of a function without WIT can be written as WIT, and be read and generated from there. A package
//! that is compiled can be used: so the compiler finds out.

use super::cycle::leads_to;
use super::table::{FEW, MANY, TOO_MANY, Table};
use super::text::Text;
use super::{FunctionInfo, Identity, Shape, TypeInfo, TypeRef};

/// Panics unless the types of a function go together in WIT.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "it is the compiler that panics, with an error at the function"
)]
pub const fn assert_sound(function: &FunctionInfo) {
    let mistake = match Table::<FEW>::of(function) {
        Some(table) => mistake(function, &table),
        None => match Table::<MANY>::of(function) {
            Some(table) => mistake(function, &table),
            None => panic!("{}", TOO_MANY),
        },
    };
    if let Some(mistake) = mistake {
        panic!("{}", mistake.as_str());
    }
}

#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the room, and a const fn has no other way"
)]
const fn mistake<const ROOM: usize>(function: &FunctionInfo, table: &Table<ROOM>) -> Option<Text> {
    let mut names = [0; ROOM];
    let mut at = 0;
    while at < table.count {
        if let Some(info) = table.at(at)
            && info.has_name()
        {
            if let Some(mistake) = mistake_of(function, info) {
                return Some(mistake);
            }
            names[at] = name_number(info.identity);
        }
        at += 1;
    }
    if let Some(info) = twin(table, &names) {
        return Some(about(
            "two types of this function are called `",
            info.identity,
            "` in WIT, where case makes no difference: give one of them another name, `#[pack(rename = \"…\")]`",
        ));
    }
    match endless(table) {
        Some(info) => Some(about(
            "`",
            info.identity,
            "` contains itself without end, so that there are no values of it: put an `Option`, a `Vec` or a case without it \
             on the way",
        )),
        None => None,
    }
}

const fn about(before: &str, name: &Identity, after: &str) -> Text {
    let mut text = Text::new();
    text.push(&[before]);
    text.push_name(name);
    text.push(&[after]);
    text
}

/// What is wrong with a type by itself.
const fn mistake_of(function: &FunctionInfo, info: &'static TypeInfo) -> Option<Text> {
    let name = info.identity;
    // Inside the description of another type it is not known.
    if let (Some(said), [], Shape::Record(_) | Shape::Variant(_)) =
        (info.recursive, name.args, &info.shape)
        && said != leads_to(info, name.id)
    {
        let found = if said {
            "` says `#[pack(recursive)]`, but lies on no cycle of types: remove it"
        } else {
            "` says `#[pack(recursive = false)]`, but lies on a cycle of types: remove it"
        };
        return Some(about("`", name, found));
    }
    if name.owner.is_empty() {
        if is_name_of_world(function.world, name) {
            let mut text = Text::new();
            text.push(&[
                "a host has a struct for the world `",
                function.world,
                "` and a trait for its imports, of which one would be called as the type `",
            ]);
            text.push_name(name);
            text.push(&[
                "`: give the world another name, `package!(\"…\", world: \"…\")`, or the type, `#[pack(rename = \"…\")]`",
            ]);
            return Some(text);
        }
        return None;
    }
    match ownerless_part(info) {
        Some(part) => {
            let mut text = about(
                "`",
                name,
                "` says `#[pack(interface = \"…\")]`, and its part `",
            );
            text.push_name(part.identity);
            text.push(&[
                "` does not, so that the interface would refer to the world: say `interface` there too",
            ]);
            Some(text)
        }
        None => None,
    }
}

/// A named type without an interface that a type is made of.
const fn ownerless_part(info: &'static TypeInfo) -> Option<&'static TypeInfo> {
    let mut at = 0;
    while at < info.parts() {
        if let Some(part) = info.part(at) {
            let part = part.get();
            let found = match part.has_name() {
                true if part.identity.owner.is_empty() => Some(part),
                true => None,
                false => ownerless_part(part),
            };
            if found.is_some() {
                return found;
            }
        }
        at += 1;
    }
    None
}

/// Whether the host's struct for the world, or its trait for what the world imports, would be called as the type.
const fn is_name_of_world(world: &str, name: &Identity) -> bool {
    let mut ty = Text::new();
    ty.push_name(name);
    let mut imports = Text::new();
    let (mut word, mut rest) = (world.as_bytes(), world.as_bytes());
    while let [byte, tail @ ..] = rest {
        if *byte == b'/' {
            word = tail;
        }
        rest = tail;
    }
    let mut length = 0;
    while let [byte, tail @ ..] = word {
        if *byte == b'@' {
            break;
        }
        imports.push_byte(*byte);
        length += 1;
        word = tail;
    }
    imports.push(&["-imports"]);
    let ty = ty.as_bytes();
    same_in_rust(ty, imports.as_bytes()) || same_in_rust(ty, imports.as_bytes().split_at(length).0)
}

/// Whether two WIT names become one Rust type: `a-b` and `A-B` do, `a-b` and `ab` do not.
const fn same_in_rust(one: &[u8], other: &[u8]) -> bool {
    let (mut one, mut other) = (one, other);
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, rest @ ..], [b, others @ ..]) if a.eq_ignore_ascii_case(b) => {
                (one, other) = (rest, others);
            }
            _ => return false,
        }
    }
}

/// A number for a name and its interface, whatever its case.
const fn name_number(identity: &Identity) -> u64 {
    let mut text = Text::new();
    text.push(&[identity.owner, "/"]);
    text.push_name(identity);
    let mut lower = text.as_bytes();
    let mut number: u64 = 0xcbf2_9ce4_8422_2325;
    while let [byte, rest @ ..] = lower {
        number = (number ^ byte.to_ascii_lowercase() as u64).wrapping_mul(0x0000_0100_0000_01b3);
        lower = rest;
    }
    // 0 is no name.
    if number == 0 { 1 } else { number }
}

/// A type with the name of one before it.
#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the room, and a const fn has no other way"
)]
const fn twin<const ROOM: usize>(
    table: &Table<ROOM>,
    names: &[u64; ROOM],
) -> Option<&'static TypeInfo> {
    let mut at = 0;
    while at < table.count {
        let mut before = 0;
        while before < at && names[at] != 0 {
            if names[before] == names[at] {
                return table.at(at);
            }
            before += 1;
        }
        at += 1;
    }
    None
}

/// A type of which there are no values that end.
#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the room, and a const fn has no other way"
)]
const fn endless<const ROOM: usize>(table: &Table<ROOM>) -> Option<&'static TypeInfo> {
    let mut ends = [false; ROOM];
    loop {
        let (mut left, mut has_changed) = (None, false);
        let mut at = 0;
        while at < table.count {
            if let (Some(info), false) = (table.at(at), ends[at]) {
                if has_end(info, table, &ends) {
                    (ends[at], has_changed) = (true, true);
                } else if info.has_name() && left.is_none() {
                    left = Some(info);
                }
            }
            at += 1;
        }
        if left.is_none() || !has_changed {
            return left;
        }
    }
}

/// Whether there are values, as far as it is known of which parts there are.
#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the room, and a const fn has no other way"
)]
const fn has_end<const ROOM: usize>(
    info: &TypeInfo,
    table: &Table<ROOM>,
    ends: &[bool; ROOM],
) -> bool {
    let (any, all) = {
        let (mut any, mut all) = (false, true);
        let mut at = 0;
        while at < info.parts() {
            let ends = match info.part(at) {
                Some(part) => is_primitive(part) || ends[table.place(part.get())],
                None => true,
            };
            any |= ends;
            all &= ends;
            at += 1;
        }
        (any, all)
    };
    match info.shape {
        Shape::Record(_) | Shape::Tuple(_) => all,
        Shape::FixedList(_, count) => all || count == 0,
        Shape::Variant(_) | Shape::Result(..) => any,
        _ => true,
    }
}

const fn is_primitive(ty: TypeRef) -> bool {
    matches!(ty.get().shape, Shape::Primitive(_))
}
