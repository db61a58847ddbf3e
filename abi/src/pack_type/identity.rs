use core::fmt;

use crate::schema::Type;

/// Which type a type is, and what its WIT name is made of.
///
/// It depends on the parameters of a generic type, but not on what the type is made of, so that the types of a cycle
/// can be told apart before any of them is described.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    pub(super) id: u64,
    pub(super) owner: &'static str,
    pub(super) word: &'static str,
    pub(super) args: &'static [Arg],
}

/// A parameter of a generic type.
#[derive(Debug, Clone, Copy)]
pub enum Arg {
    /// A type.
    Type(&'static Identity),
    /// The value of a const parameter, or the length of an array.
    Number(u64),
}

impl Identity {
    /// A primitive.
    pub(crate) const fn primitive(ty: Type) -> Self {
        Self::anonymous(ty.keyword(), &[])
    }

    /// A type that has no name of its own in WIT: all of the same word and parameters are one.
    pub const fn anonymous(word: &'static str, args: &'static [Arg]) -> Self {
        Self::named("", word, args, "", 0)
    }

    /// A type with a name. `place` and `salt` tell it from others of the same name.
    pub const fn named(
        owner: &'static str,
        word: &'static str,
        args: &'static [Arg],
        place: &str,
        salt: u64,
    ) -> Self {
        let mut id = hash_number(FNV_OFFSET, salt);
        id = hash_text(id, owner);
        id = hash_text(id, word);
        id = hash_text(id, place);
        let mut rest = args;
        while let [arg, tail @ ..] = rest {
            id = match arg {
                Arg::Type(identity) => hash_number(hash_byte(id, 1), identity.id),
                Arg::Number(number) => hash_number(hash_byte(id, 2), *number),
            };
            rest = tail;
        }
        Self {
            // 0 is no number.
            id: if id == 0 { 1 } else { id },
            owner,
            word,
            args,
        }
    }

    /// A number that no other type of the program has.
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The interface that declares the type; empty if none was given.
    pub const fn owner(&self) -> &'static str {
        self.owner
    }

    /// The WIT name without what the parameters add to it.
    pub const fn word(&self) -> &'static str {
        self.word
    }

    /// The parameters.
    pub const fn args(&self) -> &'static [Arg] {
        self.args
    }
}

/// The WIT name: `spanned-expr` for `Spanned<Expr>`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)?;
        for arg in self.args {
            match arg {
                Arg::Type(identity) => write!(f, "-{identity}")?,
                Arg::Number(number) => write!(f, "-{number}")?,
            }
        }
        Ok(())
    }
}

/// FNV-1a: it has to be computed by the compiler, and to be the same in every crate of a program; no more.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

const fn hash_byte(hash: u64, byte: u8) -> u64 {
    (hash ^ (byte as u64)).wrapping_mul(FNV_PRIME)
}

const fn hash_bytes(hash: u64, bytes: &[u8]) -> u64 {
    let (mut hash, mut rest) = (hash, bytes);
    while let [byte, tail @ ..] = rest {
        hash = hash_byte(hash, *byte);
        rest = tail;
    }
    hash
}

const fn hash_number(hash: u64, number: u64) -> u64 {
    hash_bytes(hash, &number.to_le_bytes())
}

/// A byte that UTF-8 does not have parts it from what follows.
const fn hash_text(hash: u64, text: &str) -> u64 {
    hash_byte(hash_bytes(hash, text.as_bytes()), 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PackType;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    #[test]
    fn names_are_made_of_words_and_parameters() {
        assert_eq!(
            <Vec<Option<String>>>::IDENTITY.to_string(),
            "list-option-string"
        );
        assert_eq!(<[u8; 16]>::IDENTITY.to_string(), "list-16-u8");
        assert_eq!(
            <Result<(), (i8, char)>>::IDENTITY.to_string(),
            "result-tuple-tuple-s8-char"
        );
    }

    #[test]
    fn what_differs_has_another_number() {
        let all = [
            Identity::anonymous("list", &[]),
            Identity::anonymous("lists", &[]),
            Identity::named("list", "", &[], "", 0),
            Identity::named("", "", &[], "list", 0),
            Identity::named("", "list", &[], "", 1),
            Identity::anonymous("list", &[Arg::Number(0)]),
            Identity::anonymous("list", &[Arg::Type(u8::IDENTITY)]),
            Identity::anonymous("list", &[Arg::Type(u16::IDENTITY)]),
            Identity::anonymous("list", &[Arg::Type(u8::IDENTITY), Arg::Type(u16::IDENTITY)]),
            Identity::anonymous("list", &[Arg::Type(u16::IDENTITY), Arg::Type(u8::IDENTITY)]),
        ];
        let mut ids: Vec<u64> = all.iter().map(Identity::id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }
}
