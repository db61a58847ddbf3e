//! From words to filters: operators and their precedence. What they join is in [`term`].

mod term;

use crate::demo::json_query::types::{
    Arithmetic, ArithmeticOperator, Comparison, ComparisonOperator, Filter, ParseError,
};
use crate::lexer::{Lexer, Token};
use crate::limits::MAX_FILTER_DEPTH;

/// Reads a filter.
pub(crate) fn parse(text: &str) -> Result<Filter, ParseError> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        position: 0,
        token: Token::End,
        depth: 0,
    };
    parser.advance();
    if parser.token == Token::End {
        return Err(parser.error("there is no filter; `.` is the one that changes nothing"));
    }
    let filter = parser.pipe()?;
    match parser.token {
        Token::End => Ok(filter.filter),
        _ => Err(parser.unexpected("an operator or the end of the filter")),
    }
}

/// A filter, and how many levels of filters it has.
struct Node {
    filter: Filter,
    depth: usize,
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// Where the present token begins.
    position: usize,
    /// The token that is next to be understood.
    token: Token,
    /// How many brackets and operators are open.
    depth: usize,
}

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Operator {
    Comparison(ComparisonOperator),
    Arithmetic(ArithmeticOperator),
}

impl Operator {
    fn of(token: &Token) -> Option<Operator> {
        let Token::Symbol(symbol) = token else {
            return None;
        };
        Some(match *symbol {
            "==" => Operator::Comparison(ComparisonOperator::Equal),
            "!=" => Operator::Comparison(ComparisonOperator::NotEqual),
            "<" => Operator::Comparison(ComparisonOperator::Less),
            "<=" => Operator::Comparison(ComparisonOperator::LessOrEqual),
            ">" => Operator::Comparison(ComparisonOperator::Greater),
            ">=" => Operator::Comparison(ComparisonOperator::GreaterOrEqual),
            "+" => Operator::Arithmetic(ArithmeticOperator::Add),
            "-" => Operator::Arithmetic(ArithmeticOperator::Subtract),
            "*" => Operator::Arithmetic(ArithmeticOperator::Multiply),
            "/" => Operator::Arithmetic(ArithmeticOperator::Divide),
            "%" => Operator::Arithmetic(ArithmeticOperator::Remainder),
            _ => return None,
        })
    }

    /// How tightly the operator binds.
    fn precedence(self) -> u8 {
        match self {
            Operator::Comparison(_) => 1,
            Operator::Arithmetic(ArithmeticOperator::Add | ArithmeticOperator::Subtract) => 2,
            Operator::Arithmetic(_) => 3,
        }
    }

    fn join(self, left: Filter, right: Filter) -> Filter {
        let (left, right) = (Box::new(left), Box::new(right));
        match self {
            Operator::Comparison(operator) => Filter::Comparison(Box::new(Comparison {
                operator,
                left,
                right,
            })),
            Operator::Arithmetic(operator) => Filter::Arithmetic(Box::new(Arithmetic {
                operator,
                left,
                right,
            })),
        }
    }
}

impl Parser<'_> {
    /// `first, second | third`: the loosest operators, of which `|` is looser.
    fn pipe(&mut self) -> Result<Node, ParseError> {
        self.nested(|parser| {
            let first = parser.comma()?;
            parser.pipe_after(first, Parser::pipe)
        })
    }

    /// The value of an object's member: what may be piped on but, without parentheses, not listed.
    fn member_value(&mut self) -> Result<Node, ParseError> {
        self.nested(|parser| {
            let first = parser.operation(0)?;
            parser.pipe_after(first, Parser::member_value)
        })
    }

    fn pipe_after(
        &mut self,
        first: Node,
        rest: impl FnOnce(&mut Self) -> Result<Node, ParseError>,
    ) -> Result<Node, ParseError> {
        let position = self.position;
        if !self.eat("|") {
            return Ok(first);
        }
        let second = rest(self)?;
        let depth = first.depth.max(second.depth);
        self.node(
            position,
            depth,
            Filter::Pipe((Box::new(first.filter), Box::new(second.filter))),
        )
    }

    fn comma(&mut self) -> Result<Node, ParseError> {
        let first = self.operation(0)?;
        let position = self.position;
        if self.token != Token::Symbol(",") {
            return Ok(first);
        }
        let mut depth = first.depth;
        let mut parts = vec![first.filter];
        while self.eat(",") {
            let part = self.operation(0)?;
            depth = depth.max(part.depth);
            parts.push(part.filter);
        }
        self.node(position, depth, Filter::Comma(parts))
    }

    /// Operands joined by operators that bind at least so tightly.
    fn operation(&mut self, tightness: u8) -> Result<Node, ParseError> {
        let mut left = self.term()?;
        while let Some(operator) =
            Operator::of(&self.token).filter(|next| next.precedence() >= tightness)
        {
            let position = self.position;
            self.advance();
            let right = self.nested(|parser| parser.operation(operator.precedence() + 1))?;
            left = self.node(
                position,
                left.depth.max(right.depth),
                operator.join(left.filter, right.filter),
            )?;
            if matches!(operator, Operator::Comparison(_))
                && matches!(Operator::of(&self.token), Some(Operator::Comparison(_)))
            {
                return Err(self.error("comparisons in a row need parentheses"));
            }
        }
        Ok(left)
    }

    /// A filter that is one level deeper than its parts.
    fn node(&self, position: usize, parts: usize, filter: Filter) -> Result<Node, ParseError> {
        let depth = parts + 1;
        if depth > MAX_FILTER_DEPTH {
            return Err(too_deep(position));
        }
        Ok(Node { filter, depth })
    }

    /// Parses something one level further down.
    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Node, ParseError>,
    ) -> Result<Node, ParseError> {
        if self.depth == MAX_FILTER_DEPTH {
            return Err(too_deep(self.position));
        }
        self.depth += 1;
        let node = parse(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn advance(&mut self) {
        (self.position, self.token) = self.lexer.next();
    }

    /// Goes past a symbol, if it is next.
    fn eat(&mut self, symbol: &'static str) -> bool {
        let found = self.token == Token::Symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Goes past a symbol that has to be next.
    fn expect(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.eat(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{symbol}`")))
        }
    }

    /// An error at the present token.
    fn error(&self, message: impl Into<String>) -> ParseError {
        error(self.position, message)
    }

    /// The error for a token that cannot be here, or nowhere in what this package supports.
    fn unexpected(&self, wanted: &str) -> ParseError {
        self.error(match &self.token {
            Token::Invalid(message) => message.clone(),
            Token::Variable => "variables are not supported".to_owned(),
            Token::Format => "formats are not supported".to_owned(),
            Token::Name(name) if is_keyword(name) => format!("`{name}` is not supported"),
            Token::Symbol(
                symbol @ ("?" | "//" | "?//" | ".." | "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%="
                | "//="),
            ) => {
                format!("`{symbol}` is not supported")
            }
            Token::Symbol(symbol) => format!("unexpected `{symbol}`, expected {wanted}"),
            Token::Name(name) => format!("unexpected `{name}`, expected {wanted}"),
            Token::Field(name) => format!("unexpected `.{name}`, expected {wanted}"),
            Token::Number(_) => format!("unexpected number, expected {wanted}"),
            Token::Text(_) => format!("unexpected string, expected {wanted}"),
            Token::End => format!("unexpected end, expected {wanted}"),
        })
    }
}

/// Whether a name is one of jq's keywords. They are still names of members.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 18] = [
        "and", "as", "break", "catch", "def", "elif", "else", "end", "foreach", "if", "import",
        "include", "label", "module", "or", "reduce", "then", "try",
    ];
    KEYWORDS.contains(&name)
}

fn too_deep(position: usize) -> ParseError {
    error(
        position,
        format!("the filter is nested more than {MAX_FILTER_DEPTH} levels deep"),
    )
}

fn error(position: usize, message: impl Into<String>) -> ParseError {
    ParseError {
        position: u32::try_from(position).unwrap_or(u32::MAX),
        message: message.into(),
    }
}
