//! Every combination of what several sources give.

/// Opens the source of the choices at a place, or gives `None` when there are no more places.
type Open<'a, T, E> = Box<dyn Fn(usize) -> Option<Source<'a, T, E>> + 'a>;

type Source<'a, T, E> = Box<dyn Iterator<Item = Result<T, E>> + 'a>;

/// The combinations of one item from each of several sources, the first source changing slowest.
///
/// Nothing is computed before it is needed, and a source is opened anew for each choice from those
/// before it: so an error comes after just those combinations that do not depend on it.
pub(crate) struct Product<'a, T, E> {
    open: Open<'a, T, E>,
    sources: Vec<Source<'a, T, E>>,
    chosen: Vec<T>,
    started: bool,
}

impl<'a, T, E> Product<'a, T, E> {
    pub(crate) fn new(open: impl Fn(usize) -> Option<Source<'a, T, E>> + 'a) -> Self {
        Product {
            open: Box::new(open),
            sources: Vec::new(),
            chosen: Vec::new(),
            started: false,
        }
    }
}

impl<T: Clone, E> Iterator for Product<'_, T, E> {
    type Item = Result<Vec<T>, E>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.started {
            self.started = true;
            match (self.open)(0) {
                Some(source) => self.sources.push(source),
                None => return Some(Ok(Vec::new())),
            }
        }
        while let Some(source) = self.sources.last_mut() {
            let Some(item) = source.next() else {
                self.sources.pop();
                continue;
            };
            match item {
                Ok(item) => {
                    self.chosen.truncate(self.sources.len() - 1);
                    self.chosen.push(item);
                }
                Err(error) => return Some(Err(error)),
            }
            match (self.open)(self.sources.len()) {
                Some(source) => self.sources.push(source),
                None => return Some(Ok(self.chosen.clone())),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(counts: &[u32]) -> Vec<Result<Vec<u32>, ()>> {
        let sources = counts.to_vec();
        Product::new(move |at| Some(Box::new((0..*sources.get(at)?).map(Ok)) as Source<'_, _, _>))
            .collect()
    }

    #[test]
    fn the_first_changes_slowest() {
        assert_eq!(
            product(&[2, 2]),
            [
                Ok(vec![0, 0]),
                Ok(vec![0, 1]),
                Ok(vec![1, 0]),
                Ok(vec![1, 1])
            ]
        );
    }

    #[test]
    fn nothing_and_no_choice() {
        assert_eq!(product(&[]), [Ok(vec![])]);
        assert_eq!(product(&[3, 0, 2]), []);
    }

    #[test]
    fn an_error_comes_in_its_turn() {
        let source = |at| -> Option<Source<'_, u32, &str>> {
            match at {
                0 => Some(Box::new([Ok(1), Ok(2)].into_iter())),
                1 => Some(Box::new([Ok(3), Err("bad")].into_iter())),
                _ => None,
            }
        };
        assert_eq!(
            Product::new(source).take(2).collect::<Vec<_>>(),
            [Ok(vec![1, 3]), Err("bad")]
        );
    }
}
