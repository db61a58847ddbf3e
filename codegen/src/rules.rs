//! What the options say of single types: where they come from, what they derive.

use std::collections::{BTreeMap, BTreeSet};

use pack_abi::schema::{Contract, EXPORTS, TypeDef, TypeId, TypeKind, TypeName};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Path};

use crate::config::Code;
use crate::{Diagnostic, names, suggest};

/// One entry of `with`, `derives` or `attributes`.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) key: String,
    pub(crate) effect: Effect,
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// The types come from this path.
    With(Code),
    Derive(Code),
    Attributes(Code),
}

/// The rules that hold for each type of a contract.
#[derive(Default)]
pub(crate) struct Rules {
    elsewhere: BTreeMap<TypeId, Path>,
    /// The types of interfaces that come from elsewhere as a whole, of which single types may come from another place.
    interfaces: BTreeSet<TypeId>,
    /// Aliases in interfaces whose types come from elsewhere: nothing is generated for them.
    transparent: BTreeSet<TypeId>,
    derives: BTreeMap<TypeId, Vec<Path>>,
    attributes: BTreeMap<TypeId, Vec<Attribute>>,
}

impl Rules {
    /// Finds out which types are meant. Each mistake comes with the position of its rule.
    pub(crate) fn new(rules: &[Rule], contract: &Contract) -> (Self, Vec<(usize, Diagnostic)>) {
        let mut this = Self::default();
        let mut mistakes = Vec::new();
        let mut selected = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            match Selection::new(contract, &rule.key) {
                Ok(selection) => selected.push((at, rule, selection)),
                Err(mistake) => mistakes.push((at, mistake)),
            }
        }
        // What is said of a type alone goes before what is said of its interface, whatever the order; and all
        // types from elsewhere are known before something is added to those that are not.
        selected.sort_by_key(|(_, rule, selection)| match (&rule.effect, selection) {
            (Effect::With(_), Selection::Type(_)) => 0,
            (Effect::With(_), _) => 1,
            _ => 2,
        });
        for (at, rule, selection) in selected {
            let done = this.apply(contract, rule, &selection);
            mistakes.extend(done.err().map(|mistake| (at, mistake)));
        }
        mistakes.sort_by_key(|(at, _)| *at);
        (this, mistakes)
    }

    fn apply(
        &mut self,
        contract: &Contract,
        rule: &Rule,
        selection: &Selection,
    ) -> Result<(), Diagnostic> {
        match &rule.effect {
            Effect::With(code) => {
                let path = code
                    .parse::<Path>()
                    .map_err(|error| not_code("a path", code, &error))?;
                self.take(contract, &rule.key, selection, &path)
            }
            Effect::Derive(code) => {
                let path = code
                    .parse_with(Path::parse_mod_style)
                    .map_err(|error| not_code("the path of a derive", code, &error))?;
                for id in self.generated(contract, &rule.key, selection)? {
                    self.derives.entry(id).or_default().push(path.clone());
                }
                Ok(())
            }
            Effect::Attributes(code) => {
                let attributes = code
                    .parse_with(Attribute::parse_outer)
                    .map_err(|error| not_code("`#[…]`", code, &error))?;
                for id in self.generated(contract, &rule.key, selection)? {
                    let all = self.attributes.entry(id).or_default();
                    all.extend(attributes.iter().cloned());
                }
                Ok(())
            }
        }
    }

    /// Takes types from elsewhere.
    fn take(
        &mut self,
        contract: &Contract,
        key: &str,
        selection: &Selection,
        path: &Path,
    ) -> Result<(), Diagnostic> {
        match selection {
            Selection::All => Err(Diagnostic::new("`*` cannot come from elsewhere")
                .with_help("name an interface or a type")),
            Selection::Type(ids) => {
                if is_local(path) {
                    let name = path.to_token_stream();
                    return Err(Diagnostic::new(format!(
                        "`{name}` is a name that other modules do not know"
                    ))
                    .with_help(format!("write `crate::…::{name}` or `self::{name}`")));
                }
                for id in ids.iter().filter(|id| !is_of_exports(contract, **id)) {
                    no_alias(contract, key, *id)?;
                    if self.elsewhere.insert(*id, path.clone()).is_some() {
                        return Err(twice(key));
                    }
                }
                Ok(())
            }
            Selection::Interface(ids) => {
                for id in ids {
                    if !self.interfaces.insert(*id) {
                        return Err(twice(key));
                    }
                }
                for (id, def, name) in named(contract).filter(|(id, ..)| ids.contains(id)) {
                    if is_of_exports(contract, id) {
                        continue;
                    }
                    if let TypeKind::Alias(_) = def.kind {
                        self.transparent.insert(id);
                        continue;
                    }
                    let mut path = path.clone();
                    let mut ident = names::type_ident(&name.name);
                    // What is wrong with the type is to be read at the path.
                    ident.set_span(path.span());
                    path.segments.push(ident.into());
                    self.elsewhere.entry(id).or_insert(path);
                }
                Ok(())
            }
        }
    }

    /// The generated types among those that are meant.
    fn generated(
        &self,
        contract: &Contract,
        key: &str,
        selection: &Selection,
    ) -> Result<Vec<TypeId>, Diagnostic> {
        match selection {
            Selection::Type(ids) => {
                for id in ids {
                    no_alias(contract, key, *id)?;
                    if self.elsewhere.contains_key(id) {
                        return Err(Diagnostic::new(format!(
                            "nothing is generated for `{key}`, which comes from elsewhere"
                        ))
                        .with_help("put it on the Rust type"));
                    }
                }
                Ok(ids.clone())
            }
            Selection::All | Selection::Interface(_) => {
                let meant = |id: &TypeId| match selection {
                    Selection::Interface(ids) => ids.contains(id),
                    _ => true,
                };
                Ok(named(contract)
                    .filter(|(id, def, _)| {
                        meant(id)
                            && !matches!(def.kind, TypeKind::Alias(_) | TypeKind::Resource(_))
                            && !self.elsewhere.contains_key(id)
                    })
                    .map(|(id, ..)| id)
                    .collect())
            }
        }
    }

    /// The path of a type that is not generated, as it is in a module at this depth below the place of the
    /// generated code.
    pub(crate) fn elsewhere(&self, id: TypeId, depth: usize) -> Option<Path> {
        let mut path = self.elsewhere.get(&id)?.clone();
        let first = path.segments.first()?.ident.clone();
        let is_relative = first == "self" || first == "super";
        if depth == 0 || !is_relative || path.leading_colon.is_some() {
            return Some(path);
        }
        let up: syn::PathSegment = syn::parse_quote!(super);
        let ups = std::iter::repeat_n(up, depth);
        let rest = path.segments.into_iter().skip(usize::from(first == "self"));
        path.segments = ups.chain(rest).collect();
        Some(path)
    }

    /// Whether nothing is generated for a type.
    pub(crate) fn is_elsewhere(&self, id: TypeId) -> bool {
        self.elsewhere.contains_key(&id)
    }

    /// Whether an alias is not generated, so that references see through it.
    pub(crate) fn is_transparent(&self, id: TypeId) -> bool {
        self.transparent.contains(&id)
    }

    /// The derives that are added to a type.
    pub(crate) fn derives(&self, id: TypeId) -> &[Path] {
        self.derives.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The attributes that are added to a type.
    pub(crate) fn attributes(&self, id: TypeId) -> &[Attribute] {
        self.attributes.get(&id).map_or(&[], Vec::as_slice)
    }
}

fn twice(key: &str) -> Diagnostic {
    Diagnostic::new(format!("`{key}` comes from two places"))
}

fn not_code(expected: &str, code: &Code, error: &syn::Error) -> Diagnostic {
    Diagnostic::new(format!("`{code}` is not {expected}: {error}"))
}

/// Whether a path is one name, which means nothing in another module.
fn is_local(path: &Path) -> bool {
    path.segments.len() == 1 && path.leading_colon.is_none()
}

fn no_alias(contract: &Contract, key: &str, id: TypeId) -> Result<(), Diagnostic> {
    let Some(TypeKind::Alias(target)) = contract.types.get(id.index()).map(|def| &def.kind) else {
        return Ok(());
    };
    let target = contract.resolve(*target);
    let message = format!("`{key}` is another name for `{}`", contract.display(target));
    let diagnostic = Diagnostic::new(message);
    Err(
        match contract.def(target).and_then(|def| def.name.as_ref()) {
            Some(name) => diagnostic.with_help(format!("name `{}` itself", full(name))),
            None => {
                diagnostic.with_help("only records, variants, enums and flags can be named here")
            }
        },
    )
}

/// What a key stands for.
enum Selection {
    All,
    Interface(Vec<TypeId>),
    /// One type; several if its package is there in several versions and the key does not say which.
    Type(Vec<TypeId>),
}

impl Selection {
    fn new(contract: &Contract, key: &str) -> Result<Self, Diagnostic> {
        if key == "*" {
            return Ok(Self::All);
        }
        let ids = |matches: &dyn Fn(&TypeName) -> bool| -> Vec<TypeId> {
            named(contract)
                .filter(|(_, _, name)| matches(name))
                .map(|(id, ..)| id)
                .collect()
        };
        let types = ids(&|name| key == full(name) || key == without_version(name));
        if !types.is_empty() {
            return Ok(Self::Type(types));
        }
        let interface = ids(&|name| key == owner(name) || key == names::unversioned(owner(name)));
        if !interface.is_empty() {
            return Ok(Self::Interface(interface));
        }
        let mut bare = ids(&|name| key == name.name);
        // An interface that uses a type has an alias of the same name.
        let is_alias = |id: &TypeId| {
            let def = contract.types.get(id.index());
            def.is_some_and(|def| matches!(def.kind, TypeKind::Alias(_)))
        };
        if !bare.iter().all(is_alias) {
            bare.retain(|id| !is_alias(id));
        }
        let known: BTreeSet<String> = named(contract)
            .filter(|(id, ..)| bare.contains(id))
            .map(|(_, _, name)| without_version(name))
            .collect();
        match known.len() {
            0 => Err(unknown(contract, key)),
            1 => Ok(Self::Type(bare)),
            _ => Err(Diagnostic::new(format!("several types are called `{key}`"))
                .with_help(format!("say which: {}", suggest::list(&known)))),
        }
    }
}

/// How many keys a message lists.
const MAX_LISTED: usize = 8;

fn unknown(contract: &Contract, key: &str) -> Diagnostic {
    let keys: BTreeSet<String> = named(contract)
        .flat_map(|(_, _, name)| {
            [
                names::unversioned(owner(name)).to_owned(),
                without_version(name),
            ]
        })
        .collect();
    let diagnostic = Diagnostic::new(format!("there is no type or interface with types `{key}`"));
    if keys.is_empty() {
        return diagnostic.with_help("the world has no types of its own");
    }
    let last = |key: &str| key.rsplit('/').next().unwrap_or(key).to_owned();
    let (qualified, near) = (
        suggest::nearest(key, keys.iter().map(String::as_str)),
        keys.iter().filter(|known| {
            let (known, asked) = (last(known), last(names::unversioned(key)));
            suggest::is_near(&asked, &known)
        }),
    );
    let near: BTreeSet<&str> = near.map(String::as_str).chain(qualified).collect();
    match near.is_empty() {
        false => diagnostic.with_help(format!("did you mean {}?", suggest::list(&near))),
        true => {
            let more = match keys.len().saturating_sub(MAX_LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let some = suggest::list(keys.iter().take(MAX_LISTED));
            diagnostic.with_help(format!("there are {some}{more}"))
        }
    }
}

/// All types with a name.
fn named(contract: &Contract) -> impl Iterator<Item = (TypeId, &TypeDef, &TypeName)> {
    contract
        .types
        .iter()
        .zip(0_u32..)
        .filter_map(|(def, at)| Some((TypeId(at), def, def.name.as_ref()?)))
}

fn full(name: &TypeName) -> String {
    format!("{}/{}", owner(name), name.name)
}

fn without_version(name: &TypeName) -> String {
    format!("{}/{}", names::unversioned(owner(name)), name.name)
}

/// Types that an interface has twice go by one key.
fn owner(name: &TypeName) -> &str {
    name.owner.strip_prefix(EXPORTS).unwrap_or(&name.owner)
}

fn is_of_exports(contract: &Contract, id: TypeId) -> bool {
    let name = contract
        .types
        .get(id.index())
        .and_then(|def| def.name.as_ref());
    name.is_some_and(|name| name.owner.starts_with(EXPORTS))
}

#[cfg(test)]
mod tests {
    use crate::{Config, Side};

    fn config() -> Config {
        Config::inline("package a:b; interface i { record r { a: u8 } } world w { import i; }")
    }

    #[test]
    fn text_that_is_no_code_is_refused() {
        let cases = [
            (
                config().derive("r", "Partial Ord"),
                "`Partial Ord` is not the path of a derive: unexpected token",
            ),
            (
                config().attributes("r", "repr(C)"),
                "`repr(C)` is not `#[…]`: unexpected token",
            ),
            (
                config().with("a:b/i", "crate::"),
                "`crate::` is not a path: unexpected end of input, expected identifier",
            ),
            (
                config().crate_path("a-b"),
                "the crate path `a-b` is not a path: unexpected token",
            ),
        ];
        for (config, expected) in cases {
            let error = config.generate(Side::Guest).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    /// A path is written for the place of the generated code, and used in modules below it.
    #[test]
    fn relative_paths_hold_in_every_module() {
        let cases = [
            ("self::x::R", "super::super::super::x::R", "self::x::R"),
            ("super::R", "super::super::super::super::R", "super::R"),
            ("crate::R", "crate::R", "crate::R"),
            ("::x::R", "::x::R", "::x::R"),
            ("x::R<u8>", "x::R<u8>", "x::R<u8>"),
        ];
        let wit = "package a:b; interface i { record r { a: u8 } record t { r: r } }
            world w { import i; use i.{r}; record s { r: r } }";
        for (path, below, here) in cases {
            let config = Config::inline(wit).with("a:b/i/r", path);
            let text = config.generate(Side::Guest).unwrap().to_source().unwrap();
            assert!(!text.contains("struct R"), "{text}");
            assert!(text.contains(&format!("pub r: {below},")), "{text}");
            assert!(text.contains(&format!("pub type R = {here};")), "{text}");
        }
    }

    /// Of a type from elsewhere little is known; what contains it derives no more than that.
    #[test]
    fn what_contains_a_type_from_elsewhere_derives_little() {
        let head = |config: Config| {
            let text = config.generate(Side::Host).unwrap().to_source().unwrap();
            let start = text.find("#[derive").unwrap();
            text[start..]
                .split("::GraphValue")
                .next()
                .unwrap()
                .replace("::pack_runtime::__private::", "")
        };
        let wit = "package a:b; interface i { record r { a: u8 } } world w { use i.{r}; record s { r: r } }";
        let config = Config::inline(wit).with("a:b/i/r", "crate::R");
        assert!(
            head(config.clone()).contains("Debug,\n    Clone,\n    ::pack"),
            "{}",
            head(config)
        );
        let config = config.derives("s", ["PartialEq", "Copy"]);
        assert!(
            head(config.clone()).contains("Clone,\n    PartialEq,\n    Copy,\n"),
            "{}",
            head(config)
        );
    }
}
