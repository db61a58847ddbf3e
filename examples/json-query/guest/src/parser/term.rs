//! Operands: literals, paths, calls and what stands in brackets.

use super::{Node, Parser, error, is_keyword};
use crate::demo::json_query::types::{Filter, Json, ParseError, Slice};
use crate::describe::describe;
use crate::lexer::Token;

/// What can be wanted where an operand has to be.
const FILTER: &str = "a filter";

/// What is wrong with `. name`.
const DETACHED_NAME: &str = "a name has to follow its `.` directly";

impl Parser<'_> {
    /// An operand with its sign and all that follows it: `-.a.b[0]`.
    pub(super) fn term(&mut self) -> Result<Node, ParseError> {
        let position = self.position;
        if self.eat("-") {
            let operand = self.nested(Parser::term)?;
            return self.node(
                position,
                operand.depth,
                Filter::Negate(Box::new(operand.filter)),
            );
        }
        let mut term = self.primary()?;
        loop {
            let position = self.position;
            term = match &mut self.token {
                Token::Field(name) => {
                    let name = std::mem::take(name);
                    self.advance();
                    self.node(
                        position,
                        term.depth,
                        Filter::Field((Box::new(term.filter), name)),
                    )?
                }
                Token::Symbol("[") => {
                    self.advance();
                    self.bracket(position, term)?
                }
                Token::Symbol(".") => {
                    self.advance();
                    self.after_dot(position, term)?
                }
                _ => return Ok(term),
            };
        }
    }

    fn primary(&mut self) -> Result<Node, ParseError> {
        let position = self.position;
        let leaf = |filter| Ok(Node { filter, depth: 1 });
        match &mut self.token {
            Token::Number(number) => {
                let literal = Json::Number(*number);
                self.advance();
                leaf(Filter::Literal(literal))
            }
            Token::Text(text) => {
                let literal = Json::Text(std::mem::take(text));
                self.advance();
                leaf(Filter::Literal(literal))
            }
            // The loop over what follows an operand takes it from here.
            Token::Field(_) => leaf(Filter::Identity),
            Token::Name(name) if !is_keyword(name) => {
                let name = std::mem::take(name);
                self.advance();
                self.call(position, &name)
            }
            Token::Symbol(".") => {
                self.advance();
                match &self.token {
                    Token::Text(_) => self.after_dot(
                        position,
                        Node {
                            filter: Filter::Identity,
                            depth: 1,
                        },
                    ),
                    Token::Name(name) if !is_keyword(name) => Err(self.error(DETACHED_NAME)),
                    _ => leaf(Filter::Identity),
                }
            }
            Token::Symbol("(") => {
                self.advance();
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Symbol("[") => {
                self.advance();
                if self.eat("]") {
                    return leaf(Filter::Array(None));
                }
                let elements = self.pipe()?;
                self.expect("]")?;
                self.node(
                    position,
                    elements.depth,
                    Filter::Array(Some(Box::new(elements.filter))),
                )
            }
            Token::Symbol("{") => {
                self.advance();
                self.object(position)
            }
            _ => Err(self.unexpected(FILTER)),
        }
    }

    /// A literal with a name, or a function and its argument.
    fn call(&mut self, position: usize, name: &str) -> Result<Node, ParseError> {
        let constant = match name {
            "null" => Some(Filter::Literal(Json::Null)),
            "true" => Some(Filter::Literal(Json::Boolean(true))),
            "false" => Some(Filter::Literal(Json::Boolean(false))),
            "length" => Some(Filter::Length),
            "keys" => Some(Filter::Keys),
            "map" | "select" => None,
            _ => {
                let message = format!(
                    "unknown function `{name}`; there are `keys`, `length`, `map` and `select`"
                );
                return Err(error(position, message));
            }
        };
        let has_argument = self.token == Token::Symbol("(");
        if let Some(filter) = constant {
            return if has_argument {
                Err(self.error(format!("`{name}` takes no argument")))
            } else {
                Ok(Node { filter, depth: 1 })
            };
        }
        if !has_argument {
            return Err(error(
                position,
                format!("`{name}` takes an argument: `{name}(…)`"),
            ));
        }
        self.advance();
        let argument = self.pipe()?;
        if self.token == Token::Symbol(";") {
            return Err(self.error(format!("`{name}` takes one argument")));
        }
        self.expect(")")?;
        let inner = Box::new(argument.filter);
        self.node(
            position,
            argument.depth,
            if name == "map" {
                Filter::Map(inner)
            } else {
                Filter::Select(inner)
            },
        )
    }

    /// What follows `target.` when it is not a name: `"name"`, `[]` or `[key]`.
    fn after_dot(&mut self, position: usize, target: Node) -> Result<Node, ParseError> {
        match &mut self.token {
            Token::Text(name) => {
                let name = std::mem::take(name);
                self.advance();
                self.node(
                    position,
                    target.depth,
                    Filter::Field((Box::new(target.filter), name)),
                )
            }
            Token::Symbol("[") => {
                self.advance();
                let bracket = self.bracket(position, target)?;
                match bracket.filter {
                    Filter::Slice(_) => Err(error(position, "no `.` can stand before a slice")),
                    _ => Ok(bracket),
                }
            }
            Token::Name(name) if !is_keyword(name) => Err(self.error(DETACHED_NAME)),
            _ => Err(self.unexpected("a name, a string or `[`")),
        }
    }

    /// What follows `target[`: nothing, a key, or the bounds of a slice, of which one may be
    /// missing.
    fn bracket(&mut self, position: usize, target: Node) -> Result<Node, ParseError> {
        let mut depth = target.depth;
        let target = Box::new(target.filter);
        if self.eat("]") {
            return self.node(position, depth, Filter::Iterate(target));
        }
        let mut start = None;
        if self.token != Token::Symbol(":") {
            let key = self.pipe()?;
            depth = depth.max(key.depth);
            if self.eat("]") {
                return self.node(
                    position,
                    depth,
                    Filter::Index((target, Box::new(key.filter))),
                );
            }
            if self.token != Token::Symbol(":") {
                return Err(self.unexpected("`]` or `:`"));
            }
            start = Some(Box::new(key.filter));
        }
        self.expect(":")?;
        let mut end = None;
        if start.is_none() || self.token != Token::Symbol("]") {
            let bound = self.pipe()?;
            depth = depth.max(bound.depth);
            end = Some(Box::new(bound.filter));
        }
        self.expect("]")?;
        self.node(
            position,
            depth,
            Filter::Slice(Box::new(Slice { target, start, end })),
        )
    }

    /// The members of an object, behind its opening brace. A comma may follow the last.
    fn object(&mut self, position: usize) -> Result<Node, ParseError> {
        let mut depth = 0;
        let mut members = Vec::new();
        while !self.eat("}") {
            let (key, value) = self.member()?;
            depth = depth.max(key.depth).max(value.depth);
            members.push((key.filter, value.filter));
            if !self.eat(",") && self.token != Token::Symbol("}") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
        self.node(position, depth, Filter::Object(members))
    }

    /// `key: value`, or a key alone for the member of that name.
    fn member(&mut self) -> Result<(Node, Node), ParseError> {
        let name = match &mut self.token {
            Token::Name(name) | Token::Text(name) => std::mem::take(name),
            Token::Symbol("(") => {
                self.advance();
                let position = self.position;
                let key = self.pipe()?;
                match &key.filter {
                    Filter::Literal(Json::Text(_)) => {}
                    Filter::Literal(literal) => {
                        let message = format!("Cannot use {} as object key", describe(literal));
                        return Err(error(position, message));
                    }
                    _ => {}
                }
                self.expect(")")?;
                self.expect(":")?;
                return Ok((key, self.member_value()?));
            }
            _ => return Err(self.unexpected("a key")),
        };
        self.advance();
        let value = if self.eat(":") {
            self.member_value()?
        } else {
            Node {
                filter: Filter::Field((Box::new(Filter::Identity), name.clone())),
                depth: 2,
            }
        };
        Ok((
            Node {
                filter: Filter::Literal(Json::Text(name)),
                depth: 1,
            },
            value,
        ))
    }
}
