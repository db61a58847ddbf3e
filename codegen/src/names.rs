//! Every conversion between WIT names and Rust names.

use heck::{ToKebabCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use pack_abi::schema::{EXPORTS, Function, FunctionKind, ROOT, short_name};
use proc_macro2::{Ident, Span};

/// A Rust identifier; a keyword becomes a raw identifier, or gets a trailing `_` where there is no raw form.
pub(crate) fn ident(name: &str) -> Ident {
    let span = Span::call_site();
    // Reserved since the 2024 edition, which syn does not go by.
    if name != "gen" && syn::parse_str::<Ident>(name).is_ok() {
        return Ident::new(name, span);
    }
    match name {
        "self" | "Self" | "super" | "crate" | "_" => Ident::new(&format!("{name}_"), span),
        _ if syn::parse_str::<Ident>(&format!("r#{name}")).is_ok() => Ident::new_raw(name, span),
        _ => Ident::new(&format!("_{name}"), span),
    }
}

/// Types, cases and traits: `json-query` is `JsonQuery`.
pub(crate) fn type_ident(name: &str) -> Ident {
    ident(&name.to_upper_camel_case())
}

/// Fields, functions, parameters and modules: `json-query` is `json_query`.
pub(crate) fn value_ident(name: &str) -> Ident {
    ident(&name.to_snake_case())
}

/// Functions where those of an interface and those of its resources stand side by side: `[method]file.read` is
/// `file_read`, `[constructor]file` is `new_file`.
pub(crate) fn function_ident(function: &Function) -> Ident {
    value_ident(&flat_name(function))
}

/// The marker of a function: as [`function_ident`], like a type.
pub(crate) fn marker_ident(function: &Function) -> Ident {
    type_ident(&flat_name(function))
}

fn flat_name(function: &Function) -> String {
    match function.kind() {
        FunctionKind::Free => function.name.clone(),
        FunctionKind::Constructor { resource } => format!("new-{resource}"),
        FunctionKind::Method { resource, name } | FunctionKind::Static { resource, name } => {
            format!("{resource}-{name}")
        }
    }
}

/// Functions where those of a resource stand alone: `[method]file.read` is `read`, `[constructor]file` is `new`.
pub(crate) fn method_ident(function: &Function) -> Ident {
    match function.kind() {
        FunctionKind::Free => value_ident(&function.name),
        FunctionKind::Constructor { .. } => value_ident("new"),
        FunctionKind::Method { name, .. } | FunctionKind::Static { name, .. } => value_ident(name),
    }
}

/// Flags: `read-only` is `READ_ONLY`.
pub(crate) fn const_ident(name: &str) -> Ident {
    ident(&name.to_shouty_snake_case())
}

/// The WIT name a Rust name stands for if nothing else is said: `JsonQuery` and `json_query` are `json-query`.
pub(crate) fn wit_name(rust: &str) -> String {
    rust.strip_prefix("r#").unwrap_or(rust).to_kebab_case()
}

/// What [`is_wit_name`] asks for, in words.
pub(crate) const WIT_NAME_RULE: &str =
    "expected letters and digits, in words of one case joined by `-`, a letter first";

pub(crate) fn is_wit_name(text: &str) -> bool {
    wit_parser::validate_id(text).is_ok()
}

/// Whether a text is `namespace:package/interface`, with or without `@version`, or the bare name of an interface.
pub(crate) fn is_interface_name(text: &str) -> bool {
    // Generated code says so of types that an interface has twice.
    let text = text.strip_prefix(EXPORTS).unwrap_or(text);
    let (name, version) = text
        .split_once('@')
        .map_or((text, None), |(name, version)| (name, Some(version)));
    let is_version = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c))
    };
    match name.split_once('/') {
        Some((package, interface)) => {
            package.contains(':')
                && package.split(':').chain([interface]).all(is_wit_name)
                && version.is_none_or(is_version)
        }
        None => version.is_none() && is_wit_name(name),
    }
}

/// How the words of a WIT name are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Spelling {
    #[default]
    Kebab,
    Lower,
    Upper,
    ScreamingKebab,
}

impl Spelling {
    /// The names of all.
    pub(crate) const WORDS: &str =
        "\"kebab-case\" (the default), \"lowercase\", \"UPPERCASE\" and \"SCREAMING-KEBAB-CASE\"";

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "kebab-case" => Self::Kebab,
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    /// The WIT name of a Rust name.
    pub(crate) fn wit_name(self, rust: &str) -> String {
        let kebab = wit_name(rust);
        match self {
            Self::Kebab => kebab,
            Self::Lower => kebab.replace('-', ""),
            Self::Upper => kebab.replace('-', "").to_uppercase(),
            Self::ScreamingKebab => kebab.to_uppercase(),
        }
    }
}

/// The module path of an interface: `demo:json-query/types@1.0.0` is `demo::json_query::types`. The version is
/// put in only where the package is there in several.
pub(crate) fn module_path(interface: &str, with_version: bool) -> Vec<String> {
    if let Some(exported) = interface.strip_prefix(EXPORTS) {
        let mut path = vec!["exports".to_owned()];
        path.extend(module_path(exported, with_version));
        return path;
    }
    let (qualified, version) = interface
        .split_once('@')
        .map_or((interface, None), |(name, version)| (name, Some(version)));
    let Some((namespace, rest)) = qualified.split_once(':') else {
        return vec![outermost(qualified)];
    };
    let (package, name) = rest.rsplit_once('/').unwrap_or(("", rest));
    let package = match version.filter(|_| with_version) {
        Some(version) => format!(
            "{}{}",
            package.to_snake_case(),
            version.replace(['.', '-', '+'], "_")
        ),
        None => package.to_snake_case(),
    };
    vec![outermost(namespace), package, name.to_snake_case()]
}

/// The name of an outermost module. Those of the generated code itself, and that of the crate whose attributes a
/// guest uses, are taken; no WIT name ends with `_`.
fn outermost(name: &str) -> String {
    let name = name.to_snake_case();
    match name.as_str() {
        "exports" | "imports" | "functions" | MOCKS | "pack" => format!("{name}_"),
        _ => name,
    }
}

/// A module inside that of an interface.
pub(crate) fn module(name: &str) -> String {
    name.to_snake_case()
}

/// The outermost module of what answers imports in tests.
pub(crate) const MOCKS: &str = "mocks";

/// A package's name without version, of an interface's qualified name; none for an interface inside a world.
pub(crate) fn package_of(interface: &str) -> Option<&str> {
    let interface = interface.strip_prefix(EXPORTS).unwrap_or(interface);
    let name = interface
        .split_once('@')
        .map_or(interface, |(name, _)| name);
    name.rsplit_once('/').map(|(package, _)| package)
}

/// The trait or client struct of an interface; that of the world's own functions has the world's name.
pub(crate) fn interface_ident(interface: &str, world: &str) -> Ident {
    type_ident(if interface == ROOT {
        world
    } else {
        short_name(interface)
    })
}

/// The name of an interface without the version of its package.
pub(crate) fn unversioned(owner: &str) -> &str {
    owner.split_once('@').map_or(owner, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_become_raw_or_get_an_underscore() {
        let cases = [
            ("type", "r#type"),
            ("self", "self_"),
            ("super", "super_"),
            ("async", "r#async"),
            ("a-b", "a_b"),
            ("gen", "r#gen"),
        ];
        for (wit, rust) in cases {
            assert_eq!(value_ident(wit).to_string(), rust);
        }
        assert_eq!(type_ident("self").to_string(), "Self_");
        assert_eq!(type_ident("http-error").to_string(), "HttpError");
        assert_eq!(const_ident("read-only").to_string(), "READ_ONLY");
    }

    #[test]
    fn spellings_of_wit() {
        let cases = [
            ("kebab-case", "http-error"),
            ("lowercase", "httperror"),
            ("UPPERCASE", "HTTPERROR"),
            ("SCREAMING-KEBAB-CASE", "HTTP-ERROR"),
        ];
        for (word, wit) in cases {
            let spelling = Spelling::from_word(word).unwrap();
            assert_eq!(spelling.wit_name("HttpError"), wit);
            assert_eq!(spelling.wit_name("http_error"), wit);
            assert!(Spelling::WORDS.contains(word));
        }
        assert_eq!(Spelling::from_word("camelCase"), None);
    }

    #[test]
    fn interfaces_have_qualified_or_bare_names() {
        for name in [
            "types",
            "a:b/c",
            "a:b/c@1.0.0",
            "a:b/c@1.0.0-rc.1+5",
            "a:b:c/d",
        ] {
            assert!(is_interface_name(name), "{name}");
        }
        for name in [
            "",
            "a:b",
            "a/b",
            "a:b/",
            "a:b/c@",
            "a:b/c@x",
            "Types here",
            "types@1.0.0",
            "a:b/c/d",
        ] {
            assert!(!is_interface_name(name), "{name}");
        }
    }

    #[test]
    fn modules_follow_the_qualified_name() {
        assert_eq!(
            module_path("demo:json-query/types@1.0.0", false),
            ["demo", "json_query", "types"]
        );
        assert_eq!(
            module_path("demo:json-query/types@1.0.0", true),
            ["demo", "json_query1_0_0", "types"]
        );
        assert_eq!(module_path("inline-one", false), ["inline_one"]);
    }

    #[test]
    fn taken_modules_get_an_underscore_where_they_are_outermost() {
        for taken in ["exports", "imports", "functions", "mocks", "pack"] {
            let outermost = format!("{taken}_");
            assert_eq!(module_path(taken, false), [&*outermost]);
            let interface = format!("{taken}:{taken}/{taken}");
            assert_eq!(module_path(&interface, false), [&*outermost, taken, taken]);
        }
    }
}
