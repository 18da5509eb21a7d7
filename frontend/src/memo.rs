//! Memos whose closure has one type per value.

use leptos::prelude::Memo;

/// A value that is computed anew when something it read has changed.
///
/// Leptos compiles its machinery once per closure; in a box all closures that give a `T` share one copy, which
/// keeps a tenth off what the browser loads.
///
/// An effect that reads a memo and another one that is made of it reads them in this order. Asked about the second first,
/// reactive_graph 0.2.16 takes the news of the first for heard, and the effect is not run again when only the first has
/// changed.
pub(crate) fn memo<T: PartialEq + Send + Sync + 'static>(
    compute: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    let compute: Box<dyn Fn() -> T + Send + Sync> = Box::new(compute);
    Memo::new(move |_| compute())
}
