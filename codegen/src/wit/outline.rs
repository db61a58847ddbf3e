use super::scan::{Token, tokens};

/// An interface, or a world, as far as its text shows that at a glance, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) kind: Kind,
    /// With the package, for an interface that stands in one.
    pub(crate) name: String,
    pub(crate) types: Vec<String>,
    pub(crate) resources: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Interface,
    World,
}

/// All of a text.
pub(super) fn outline(text: &str) -> Vec<Outline> {
    let mut found = Vec::new();
    let mut package = String::new();
    // One entry for each open brace.
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = [Token::NONE; 3];
    let mut statement = Statement::Other;
    for token in tokens(text).filter(|token| !token.is_comment()) {
        let [three, two, one] = before;
        let is_outermost = blocks.is_empty();
        let scope = match blocks.last_mut() {
            Some(Block::Scope(scope)) => Some(scope),
            _ => None,
        };
        match (&mut statement, token.text) {
            (Statement::Package(name), ";" | "{") => {
                package = std::mem::take(name);
                statement = Statement::Other;
                if token.text == "{" {
                    blocks.push(Block::Other);
                }
            }
            (Statement::Package(name), part) => {
                if part == "@" {
                    statement = Statement::Version(std::mem::take(name));
                } else {
                    name.push_str(token.name());
                }
            }
            (Statement::Version(name), ";" | "{") => {
                package = std::mem::take(name);
                statement = Statement::Other;
                if token.text == "{" {
                    blocks.push(Block::Other);
                }
            }
            (Statement::Version(_), _) => {}
            (Statement::Use, ";") => statement = Statement::Other,
            (Statement::Use, _) => {
                if let Some(scope) = scope
                    && token.is_word()
                    && ["{", ",", "as"].contains(&one.text)
                    && token.text != "as"
                {
                    if one.is("as") {
                        scope.types.pop();
                    }
                    scope.types.push(token.name().to_owned());
                }
            }
            (_, "{") => {
                let qualified = |name: Token<'_>| match package.as_str() {
                    "" => name.name().to_owned(),
                    package => format!("{package}/{}", name.name()),
                };
                let opened = match (three, two, one) {
                    (_, keyword, name) if keyword.is("interface") => {
                        Some((Kind::Interface, qualified(name)))
                    }
                    (_, keyword, name) if keyword.is("world") => {
                        Some((Kind::World, name.name().to_owned()))
                    }
                    (name, colon, keyword) if colon.text == ":" && keyword.is("interface") => {
                        Some((Kind::Interface, name.name().to_owned()))
                    }
                    _ => None,
                };
                blocks.push(opened.map_or(Block::Other, |(kind, name)| {
                    Block::Scope(Outline {
                        kind,
                        name,
                        types: Vec::new(),
                        resources: Vec::new(),
                    })
                }));
            }
            (_, "}") => {
                if let Some(Block::Scope(scope)) = blocks.pop() {
                    found.push(scope);
                }
            }
            (_, "package") if is_outermost => statement = Statement::Package(String::new()),
            (_, "use") if scope.is_some() => statement = Statement::Use,
            _ => {
                if let Some(scope) = scope
                    && token.is_word()
                {
                    match one.text {
                        "type" | "record" | "variant" | "enum" | "flags" => {
                            scope.types.push(token.name().to_owned());
                        }
                        "resource" => {
                            scope.types.push(token.name().to_owned());
                            scope.resources.push(token.name().to_owned());
                        }
                        _ => {}
                    }
                }
            }
        }
        before = [two, one, token];
    }
    // A text may end too early.
    found.extend(blocks.into_iter().filter_map(|block| match block {
        Block::Scope(scope) => Some(scope),
        Block::Other => None,
    }));
    found
}

enum Block {
    Scope(Outline),
    Other,
}

enum Statement {
    /// The name of a package so far.
    Package(String),
    /// The version of that package.
    Version(String),
    /// `use …{…};`
    Use,
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_declares_is_seen_also_where_it_is_wrong() {
        let text = "
            package demo:a@1.0.0;
            // interface no { record no {} }
            interface shapes {
                use other.{point, size as extent};
                record %type { x: strng }
                resource canvas { draw: func(s: shape) -> record; }
                flags sides { left, right }
            }
            world w {
                enum color { red }
                export inline: interface { type a = b; }
                export f: func();
            }
            interface unfinished { variant last {
        ";
        let of = |kind, name: &str, types: &[&str], resources: &[&str]| Outline {
            kind,
            name: name.to_owned(),
            types: types.iter().map(|&name| name.to_owned()).collect(),
            resources: resources.iter().map(|&name| name.to_owned()).collect(),
        };
        let expected = [
            of(
                Kind::Interface,
                "demo:a/shapes",
                &["point", "extent", "type", "canvas", "sides"],
                &["canvas"],
            ),
            of(Kind::Interface, "inline", &["a"], &[]),
            of(Kind::World, "w", &["color"], &[]),
            of(Kind::Interface, "demo:a/unfinished", &["last"], &[]),
        ];
        assert_eq!(outline(text), expected);
        let nested = outline("package a:b { interface i { } } package c:d { interface j { } }");
        let names: Vec<_> = nested.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["a:b/i", "c:d/j"]);
        for (end, _) in text.char_indices() {
            outline(&text[..end]);
        }
    }
}
