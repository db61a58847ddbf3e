//! What WIT allows as a name, and how it is written.

use alloc::format;
use alloc::string::{String, ToString};

use super::WitError;

/// The words that are no names unless they are written with a `%`.
const KEYWORDS: [&str; 44] = [
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
    "_",
];

/// A name as it is written.
pub(super) fn id(name: &str) -> Result<String, WitError> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.chars().all(|c| c.is_ascii_alphanumeric())
            && !(word.contains(|c: char| c.is_ascii_lowercase())
                && word.contains(|c: char| c.is_ascii_uppercase()))
    };
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.split('-').all(is_word) {
        return Err(not_a_name(name));
    }
    match KEYWORDS.contains(&name) {
        true => Ok(format!("%{name}")),
        false => Ok(name.to_string()),
    }
}

fn not_a_name(name: &str) -> WitError {
    WitError::Name {
        name: name.chars().take(80).collect(),
    }
}

/// `namespace:package/name@version`
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Qualified<'a> {
    pub(super) package: Package<'a>,
    pub(super) name: &'a str,
}

/// `namespace:package@version`
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package<'a> {
    namespace: &'a str,
    name: &'a str,
    version: Option<&'a str>,
}

impl<'a> Qualified<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, WitError> {
        let (path, version) = match text.split_once('@') {
            Some((path, version)) => (path, Some(version)),
            None => (text, None),
        };
        let split = || {
            let (namespace, rest) = path.split_once(':')?;
            let (package, name) = rest.split_once('/')?;
            Some((namespace, package, name))
        };
        let (namespace, package, name) = split().ok_or_else(|| not_a_name(text))?;
        if !version.is_none_or(is_version) {
            return Err(not_a_name(text));
        }
        Ok(Self {
            package: Package {
                namespace,
                name: package,
                version,
            },
            name,
        })
    }

    /// The name as it is written in a package: that of an interface of the same package is short.
    pub(super) fn path(&self, from: Package<'_>) -> Result<String, WitError> {
        let name = id(self.name)?;
        if self.package == from {
            return Ok(name);
        }
        let path = self.package.path()?;
        Ok(format!("{path}/{name}{}", self.package.at_version()))
    }
}

impl Package<'_> {
    fn path(&self) -> Result<String, WitError> {
        Ok(format!("{}:{}", id(self.namespace)?, id(self.name)?))
    }

    fn at_version(&self) -> String {
        let version = self.version.map(|version| format!("@{version}"));
        version.unwrap_or_default()
    }

    /// As after `package`.
    pub(super) fn header(&self) -> Result<String, WitError> {
        Ok(format!("{}{}", self.path()?, self.at_version()))
    }
}

/// A semantic version: `1.0.0`, `1.0.0-rc.1+build`.
fn is_version(text: &str) -> bool {
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (core, pre) = match text.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (text, None),
    };
    let is_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    let is_number = |part: &str| {
        is_digits(part) && part.parse::<u64>().is_ok() && (part == "0" || !part.starts_with('0'))
    };
    let is_label = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && pre.is_none_or(|pre| {
            let is_part = |part| {
                is_label(part) && (!is_digits(part) || part == "0" || !part.starts_with('0'))
            };
            pre.split('.').all(is_part)
        })
        && build.is_none_or(|build| build.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_so_that_they_can_be_read() {
        let cases = [
            ("json", Some("json")),
            ("http-error", Some("http-error")),
            ("HTTP-error2", Some("HTTP-error2")),
            ("a-2d", Some("a-2d")),
            ("record", Some("%record")),
            ("error-context", Some("%error-context")),
            ("records", Some("records")),
            ("", None),
            ("2d", None),
            ("-a", None),
            ("a-", None),
            ("a--b", None),
            ("aB", None),
            ("a_b", None),
            ("_", None),
        ];
        for (name, written) in cases {
            assert_eq!(id(name).ok().as_deref(), written, "{name}");
        }
    }

    #[test]
    fn qualified_names_have_all_their_parts() {
        let home = Qualified::new("a:b/home@1.0.0").unwrap().package;
        let cases = [
            ("a:b/c@1.0.0", Some("c")),
            ("a:b/list@1.0.0", Some("%list")),
            ("a:b/c", Some("a:b/c")),
            ("a:b/c@2.0.0-rc.1+x.01", Some("a:b/c@2.0.0-rc.1+x.01")),
            ("list:use/c", Some("%list:%use/c")),
            ("a:b", None),
            ("b/c", None),
            ("a:b/c/d", None),
            ("a:b:c/d", None),
            ("a:b/c@1", None),
            ("a:b/c@1.0", None),
            ("a:b/c@1.0.01", None),
            ("a:b/c@1.0.0-", None),
            ("a:b/c@1.0.0-01", None),
            ("a:b/c@1.0.0@2.0.0", None),
            ("a:b/c@99999999999999999999.0.0", None),
        ];
        for (text, written) in cases {
            let path = Qualified::new(text).and_then(|name| name.path(home));
            assert_eq!(path.ok().as_deref(), written, "{text}");
        }
    }
}
