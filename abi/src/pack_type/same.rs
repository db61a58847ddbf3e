//! Whether a Rust type is what the WIT says, as the compiler asks it for each type that comes from elsewhere.

use super::text::Text;
use super::{FieldInfo, LabelInfo, Shape, TypeInfo, TypeRef};
use crate::schema::Provider;

/// How many pairs of types a comparison has room for.
const PAIRS: usize = 1 << 9;

/// Panics unless values of both types are the same bytes. Names of types and documentation do not count.
///
/// `path` is the Rust type as the user wrote it, and `key` is the WIT type.
#[track_caller]
pub const fn assert_same(path: &str, rust: &'static TypeInfo, key: &str, wit: &'static TypeInfo) {
    if let Some(difference) = difference(rust, wit) {
        fail(message(path, key, &difference).as_str());
    }
}

#[track_caller]
#[allow(
    clippy::panic,
    reason = "it is the compiler that panics, with an error at the path"
)]
const fn fail(message: &str) -> ! {
    panic!("{}", message)
}

const fn difference(rust: &'static TypeInfo, wit: &'static TypeInfo) -> Option<Difference> {
    let mut walk = Walk {
        pairs: [None; PAIRS],
        count: 0,
        difference: None,
    };
    let place = Place {
        kind: "",
        member: "",
        ty: wit.identity.word,
    };
    walk.meet(rust, wit, place);
    let mut at = 0;
    while at < walk.count && walk.difference.is_none() {
        walk.look_at(at);
        at += 1;
    }
    walk.difference
}

/// Two types that have to be the same.
#[derive(Clone, Copy)]
struct Pair {
    rust: &'static TypeInfo,
    wit: &'static TypeInfo,
    place: Place,
}

/// Where in the WIT a type stands: a member of a type with a name, or that type itself.
#[derive(Clone, Copy)]
struct Place {
    kind: &'static str,
    member: &'static str,
    ty: &'static str,
}

#[derive(Clone, Copy)]
struct Difference {
    place: Place,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// What the one is, and what the other is.
    Is(&'static str, &'static str),
    /// The members of this kind differ: what the one has in some place, and what the other has there.
    Member(&'static str, Option<&'static str>, Option<&'static str>),
    Length,
    TooMany,
}

struct Walk {
    /// All pairs met so far. What is the same only if itself is the same, is.
    pairs: [Option<Pair>; PAIRS],
    count: usize,
    difference: Option<Difference>,
}

#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the lengths, and a const fn has no other way"
)]
impl Walk {
    const fn differ(&mut self, place: Place, what: What) {
        if self.difference.is_none() {
            self.difference = Some(Difference { place, what });
        }
    }

    const fn meet_parts(&mut self, rust: TypeRef, wit: TypeRef, place: Place) {
        self.meet(rust.get(), wit.get(), place);
    }

    const fn meet(&mut self, rust: &'static TypeInfo, wit: &'static TypeInfo, place: Place) {
        // The same Rust type.
        if rust.identity.id == wit.identity.id {
            return;
        }
        let mut pair = Pair { rust, wit, place };
        let mut at = 0;
        while at < self.count {
            if let Some(known) = self.pairs[at] {
                let is_rust = known.rust.identity.id == rust.identity.id;
                let is_wit = known.wit.identity.id == wit.identity.id;
                if is_rust && is_wit {
                    return;
                }
                // What is mentioned is being described, so that it has been met.
                if is_rust && matches!(rust.shape, Shape::Mention) {
                    pair.rust = known.rust;
                }
                if is_wit && matches!(wit.shape, Shape::Mention) {
                    pair.wit = known.wit;
                }
            }
            at += 1;
        }
        if self.count == PAIRS {
            self.differ(place, What::TooMany);
            return;
        }
        self.pairs[self.count] = Some(pair);
        self.count += 1;
    }

    const fn look_at(&mut self, at: usize) {
        let Some(Pair { rust, wit, place }) = self.pairs[at] else {
            return;
        };
        match (&rust.shape, &wit.shape) {
            (Shape::Record(mine), Shape::Record(its)) => self.fields(wit, mine, its),
            (Shape::Variant(mine), Shape::Variant(its)) => {
                let mut at = 0;
                while at < mine.len() || at < its.len() {
                    let (one, other) = (
                        if at < mine.len() {
                            Some(mine[at].name)
                        } else {
                            None
                        },
                        if at < its.len() {
                            Some(its[at].name)
                        } else {
                            None
                        },
                    );
                    if !self.names(wit, "case", one, other) {
                        return;
                    }
                    let place = Place {
                        kind: "payload of the case",
                        member: its[at].name,
                        ty: wit.identity.word,
                    };
                    match (mine[at].ty, its[at].ty) {
                        (Some(mine), Some(its)) => self.meet_parts(mine, its, place),
                        (None, None) => {}
                        (Some(_), None) => self.differ(place, What::Is("there", "not there")),
                        (None, Some(_)) => self.differ(place, What::Is("not there", "there")),
                    }
                    at += 1;
                }
            }
            (Shape::Enum(mine), Shape::Enum(its)) => self.labels(wit, "case", mine, its),
            (Shape::Flags(mine), Shape::Flags(its)) => self.labels(wit, "flag", mine, its),
            (Shape::Tuple(mine), Shape::Tuple(its)) => {
                if mine.len() != its.len() {
                    self.differ(place, What::Length);
                    return;
                }
                let mut at = 0;
                while at < mine.len() {
                    self.meet_parts(mine[at], its[at], place);
                    at += 1;
                }
            }
            (Shape::FixedList(mine, count), Shape::FixedList(its, wanted)) => {
                if *count != *wanted {
                    self.differ(place, What::Length);
                }
                self.meet_parts(*mine, *its, place);
            }
            (Shape::List(mine), Shape::List(its))
            | (Shape::Option(mine), Shape::Option(its))
            | (Shape::Own(mine), Shape::Own(its))
            | (Shape::Borrow(mine), Shape::Borrow(its)) => self.meet_parts(*mine, *its, place),
            (Shape::Result(mine, more), Shape::Result(its, rest))
            | (Shape::Map(mine, more), Shape::Map(its, rest)) => {
                self.meet_parts(*mine, *its, place);
                self.meet_parts(*more, *rest, place);
            }
            (Shape::Resource(mine), Shape::Resource(its)) => {
                let (mine, its) = (of_provider(*mine), of_provider(*its));
                if !same_text(mine, its) {
                    self.differ(place, What::Is(mine, its));
                }
                let (mine, its) = (rust.identity, wit.identity);
                if !same_text(mine.owner, its.owner) {
                    self.differ(place, What::Is(mine.owner, its.owner));
                }
                if !same_text(mine.word, its.word) {
                    self.differ(place, What::Is(mine.word, its.word));
                }
            }
            _ => self.differ_in_kind(rust, wit, place),
        }
        self.recursion(rust, wit, place);
    }

    const fn differ_in_kind(&mut self, rust: &TypeInfo, wit: &TypeInfo, place: Place) {
        self.differ(place, What::Is(kind(rust), kind(wit)));
    }

    /// A value of a recursive type has a head, which others do not have.
    const fn recursion(&mut self, rust: &'static TypeInfo, wit: &'static TypeInfo, place: Place) {
        if self.difference.is_some() {
            return;
        }
        // Where it is not known, it follows from the rest.
        match (rust.known_recursion(), wit.known_recursion()) {
            (Some(true), Some(false)) => self.differ(place, What::Is("recursive", "not recursive")),
            (Some(false), Some(true)) => self.differ(place, What::Is("not recursive", "recursive")),
            _ => {}
        }
    }

    const fn fields(&mut self, wit: &TypeInfo, mine: &[FieldInfo], its: &[FieldInfo]) {
        let mut at = 0;
        while at < mine.len() || at < its.len() {
            let (one, other) = (
                if at < mine.len() {
                    Some(mine[at].name)
                } else {
                    None
                },
                if at < its.len() {
                    Some(its[at].name)
                } else {
                    None
                },
            );
            if !self.names(wit, "field", one, other) {
                return;
            }
            let place = Place {
                kind: "field",
                member: its[at].name,
                ty: wit.identity.word,
            };
            self.meet_parts(mine[at].ty, its[at].ty, place);
            at += 1;
        }
    }

    const fn labels(
        &mut self,
        wit: &TypeInfo,
        kind: &'static str,
        mine: &[LabelInfo],
        its: &[LabelInfo],
    ) {
        let mut at = 0;
        while at < mine.len() || at < its.len() {
            let (one, other) = (
                if at < mine.len() {
                    Some(mine[at].name)
                } else {
                    None
                },
                if at < its.len() {
                    Some(its[at].name)
                } else {
                    None
                },
            );
            if !self.names(wit, kind, one, other) {
                return;
            }
            at += 1;
        }
    }

    /// Whether both have a member of the same name.
    const fn names(
        &mut self,
        wit: &TypeInfo,
        kind: &'static str,
        mine: Option<&'static str>,
        its: Option<&'static str>,
    ) -> bool {
        if let (Some(mine), Some(its)) = (mine, its)
            && same_text(mine, its)
        {
            return true;
        }
        let place = Place {
            kind: "",
            member: "",
            ty: wit.identity.word,
        };
        self.differ(place, What::Member(kind, mine, its));
        false
    }
}

/// What a type is, in words.
const fn kind(info: &TypeInfo) -> &'static str {
    match info.shape {
        Shape::Primitive(primitive) => primitive.keyword(),
        Shape::Record(_) => "a record",
        Shape::Variant(_) => "a variant",
        Shape::Enum(_) => "an enum",
        Shape::Flags(_) => "flags",
        Shape::Tuple(_) => "a tuple",
        Shape::List(_) => "a list",
        Shape::FixedList(..) => "a list of fixed length",
        Shape::Option(_) => "an option",
        Shape::Result(..) => "a result",
        Shape::Map(..) => "a map",
        Shape::Resource(_) => "a resource",
        Shape::Own(_) => "a handle that owns",
        Shape::Borrow(_) => "a borrowed handle",
        Shape::Mention => info.identity.word,
    }
}

const fn of_provider(provider: Provider) -> &'static str {
    match provider {
        Provider::Host => "a resource of the host",
        Provider::Package => "a resource of the package",
    }
}

const fn same_text(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, rest @ ..], [b, others @ ..]) if *a == *b => (one, other) = (rest, others),
            _ => return false,
        }
    }
}

const fn message(path: &str, key: &str, difference: &Difference) -> Text {
    let mut this = Text::new();
    this.push(&["`", path, "` is not what the WIT says of `", key, "`: "]);
    let Place { kind, member, ty } = difference.place;
    match difference.what {
        What::Is(rust, wit) => {
            if !member.is_empty() {
                this.push(&["the ", kind, " `", member, "` of "]);
            }
            this.push(&["`", ty, "` is ", rust, ", in the WIT it is ", wit]);
        }
        What::Member(kind, Some(rust), Some(wit)) => {
            this.push(&[
                "`",
                ty,
                "` has the ",
                kind,
                " `",
                rust,
                "` where the WIT has `",
                wit,
                "`",
            ]);
        }
        What::Member(kind, Some(rust), None) => {
            this.push(&[
                "`",
                ty,
                "` has the ",
                kind,
                " `",
                rust,
                "`, which the WIT has not",
            ]);
        }
        What::Member(kind, None, Some(wit)) => {
            this.push(&["`", ty, "` lacks the ", kind, " `", wit, "`"]);
        }
        What::Member(_, None, None) | What::Length => {
            if !member.is_empty() {
                this.push(&["in the ", kind, " `", member, "` of "]);
            }
            this.push(&["`", ty, "` a tuple or list has another length"]);
        }
        What::TooMany => this.push(&["there are too many types to compare"]),
    }
    this.push(&["; make the Rust type the same, or leave it out of `with`"]);
    this
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use super::*;
    use crate::PackType;
    use crate::pack_type::{CaseInfo, Identity};

    fn said(rust: TypeRef, wit: TypeRef) -> Option<String> {
        let difference = difference(rust.get(), wit.get())?;
        let message = message("R", "a:b/i/w", &difference);
        let text = message
            .as_str()
            .strip_prefix("`R` is not what the WIT says of `a:b/i/w`: ");
        let text = text
            .unwrap()
            .strip_suffix("; make the Rust type the same, or leave it out of `with`");
        Some(text.unwrap().to_string())
    }

    macro_rules! named {
        ($name:literal, $place:literal, $shape:expr) => {
            TypeRef::new(
                const {
                    &TypeInfo::new(
                        const { &Identity::named("a:b/i", $name, &[], $place, 0) },
                        $shape,
                    )
                },
            )
        };
    }

    macro_rules! case {
        ($name:literal, $ty:expr) => {
            Shape::Variant(
                const {
                    &[CaseInfo {
                        name: $name,
                        ty: $ty,
                        docs: "",
                    }]
                },
            )
        };
    }

    macro_rules! record {
        ($name:literal, $ty:expr) => {
            Shape::Record(
                const {
                    &[FieldInfo {
                        name: $name,
                        ty: $ty,
                        docs: "",
                    }]
                },
            )
        };
    }

    macro_rules! flags {
        ($($name:literal)*) => {
            Shape::Flags(const { &[$(LabelInfo { name: $name, docs: "" }),*] })
        };
    }

    #[test]
    fn what_differs_is_named() {
        type Maps = BTreeMap<String, Result<(), [u8; 4]>>;
        let cases = [
            (
                named!("r", "1", record!("f", Maps::INFO)),
                named!("w", "2", record!("f", Maps::INFO)),
                None,
            ),
            (
                named!("r", "1", record!("f", <Vec<Option<u8>>>::INFO)),
                named!("w", "2", record!("f", <Vec<Option<u16>>>::INFO)),
                Some("the field `f` of `w` is u8, in the WIT it is u16"),
            ),
            (
                named!("r", "1", record!("f", <Vec<u8>>::INFO)),
                named!("w", "2", record!("f", <[u8; 3]>::INFO)),
                Some("the field `f` of `w` is a list, in the WIT it is a list of fixed length"),
            ),
            (
                named!("r", "1", record!("f", <[u8; 4]>::INFO)),
                named!("w", "2", record!("f", <[u8; 3]>::INFO)),
                Some("in the field `f` of `w` a tuple or list has another length"),
            ),
            (
                named!("r", "1", record!("f", <Result<(), u8>>::INFO)),
                named!("w", "2", record!("f", <Result<u8, u8>>::INFO)),
                Some("the field `f` of `w` is a tuple, in the WIT it is u8"),
            ),
            (
                named!("r", "1", flags!("a" "b")),
                named!("w", "2", flags!("a" "b")),
                None,
            ),
            (
                named!("r", "1", flags!("a")),
                named!("w", "2", flags!("a" "b")),
                Some("`w` lacks the flag `b`"),
            ),
            (
                named!("r", "1", flags!("b" "a")),
                named!("w", "2", flags!("a" "b")),
                Some("`w` has the flag `b` where the WIT has `a`"),
            ),
            (
                named!("r", "1", case!("c", None)),
                named!("w", "2", case!("c", Some(u8::INFO))),
                Some("the payload of the case `c` of `w` is not there, in the WIT it is there"),
            ),
            (
                named!("r", "1", case!("c", Some(char::INFO))),
                named!("w", "2", case!("c", Some(u8::INFO))),
                Some("the payload of the case `c` of `w` is char, in the WIT it is u8"),
            ),
            (
                named!("r", "1", Shape::Resource(Provider::Host)),
                named!("r", "2", Shape::Resource(Provider::Host)),
                None,
            ),
            (
                named!("r", "1", Shape::Resource(Provider::Host)),
                named!("w", "2", Shape::Resource(Provider::Host)),
                Some("`w` is r, in the WIT it is w"),
            ),
            (
                named!("w", "1", Shape::Resource(Provider::Package)),
                named!("w", "2", Shape::Resource(Provider::Host)),
                Some("`w` is a resource of the package, in the WIT it is a resource of the host"),
            ),
        ];
        for (rust, wit, expected) in cases {
            assert_eq!(said(rust, wit).as_deref(), expected);
        }
    }
}
