//! A package whose notebooks stay with it: hosts have handles of them.

use core::cell::RefCell;

pack::world!("../wit");

use demo::notebook::notebooks::Notebook;
use exports::demo::notebook::notebooks::NotebookResource;

/// What a notebook is in the package.
pub struct Pages {
    title: String,
    // Methods take `&self`: there may be several handles of one notebook.
    lines: RefCell<Vec<String>>,
}

#[pack::export]
impl NotebookResource for Pages {
    fn new(title: String) -> Self {
        let lines = RefCell::default();
        Self { title, lines }
    }

    fn write(&self, line: String) -> u32 {
        let mut lines = self.lines.borrow_mut();
        lines.push(line);
        u32::try_from(lines.len()).unwrap_or(u32::MAX)
    }

    fn read(&self) -> String {
        let lines = self.lines.borrow();
        std::iter::once(&self.title)
            .chain(&*lines)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn join(first: Notebook, second: Notebook) -> Notebook {
        let pages = |notebook: &Notebook| {
            let pages = notebook.get::<Self>();
            pages.map(|pages| (pages.title.clone(), pages.lines.borrow().clone()))
        };
        let (mut titles, mut lines) = (Vec::new(), Vec::new());
        for (title, own) in [pages(&first), pages(&second)].into_iter().flatten() {
            titles.push(title);
            lines.extend(own);
        }
        Notebook::new(Self {
            title: titles.join(" and "),
            lines: lines.into(),
        })
    }
}
