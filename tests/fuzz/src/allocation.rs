//! How much memory a parser takes for an input.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Most bytes that reading one input may hold at a time, for every byte of it.
///
/// The dearest of all is a value of two bytes with its id, which becomes a record of 48. That is 24 for a byte, and the
/// text or bytes of the value. A parser that believes a length field, or keeps something for every level of nesting, is
/// far beyond it.
const PER_BYTE: usize = 32;

/// The same for an explanation, whose notes have a text each.
const EXPLAINED_PER_BYTE: usize = 512;

/// The same for files of definitions. An element without content has four bytes, and a node of the XML parser some 70;
/// a list that grows is there twice.
const DEFINED_PER_BYTE: usize = 160;

/// The same for a CoAP message. An option without a value has one byte, and a number and a list of its own, for a moment
/// in the codec beneath our messages too.
const OPTIONS_PER_BYTE: usize = 256;

/// A registry in compact form tells a text or a resource once and uses it many times, each with some bytes.
const EXPANDED_PER_BYTE: usize = 1024;

/// What all texts of a registry in compact form may come to, as its reader has it, and a list of a claimed length.
const EXPANDED_TEXTS: usize = 10 << 20;

/// What the smallest input may take: vectors and nodes begin with room for several entries, messages have some length,
/// and ids of TLV that do not ascend are marked in 8 KiB for each of three levels.
const FLOOR: usize = 28 << 10;

/// What one end of a conversation may remember for every byte of what it was told to do: a message of some bytes is
/// kept with its peer, its times and its answer, and one with a block begins a payload that is put together.
const REMEMBERED_PER_BYTE: usize = 512;

/// What it may hold before anything was said, the definitions of objects aside, and for the longest payload.
const AT_FIRST: usize = 512 << 10;

/// Whatever the length: four times the largest payload.
const CEILING: usize = 4 << 20;

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// Kept for each thread, since tests run side by side. Neither needs a destructor, so that they may be used here.
thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    HELD.with(|held| {
        held.set(held.get() + change);
        MOST.with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: everything is passed on to the allocator of the system.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as for this function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as for this function.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as for this function.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The result, and the most bytes that were held at a time on the way to it.
fn measured<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = work();
    (result, usize::try_from(MOST.get() - before).unwrap_or(0))
}

fn bounded<T>(length: usize, per_byte: usize, work: impl FnOnce() -> T) -> T {
    let (result, most) = measured(work);
    let bound = (per_byte * length).min(CEILING) + FLOOR;
    assert!(most <= bound, "{most} bytes were held for an input of {length}, at most {bound} are allowed");
    result
}

/// Runs a parser and checks what it takes for an input of that length.
pub(crate) fn reading<T>(length: usize, work: impl FnOnce() -> T) -> T {
    bounded(length, PER_BYTE, work)
}

/// Explains an input and checks what that takes.
pub(crate) fn explaining<T>(length: usize, work: impl FnOnce() -> T) -> T {
    bounded(length, EXPLAINED_PER_BYTE, work)
}

/// Reads a file of definitions and checks what that takes.
pub(crate) fn defining<T>(length: usize, work: impl FnOnce() -> T) -> T {
    bounded(length, DEFINED_PER_BYTE, work)
}

/// Reads a CoAP message and checks what that takes.
pub(crate) fn receiving<T>(length: usize, work: impl FnOnce() -> T) -> T {
    bounded(length, OPTIONS_PER_BYTE, work)
}

/// Reads a registry in compact form and checks what that takes.
pub(crate) fn expanding<T>(length: usize, work: impl FnOnce() -> T) -> T {
    let (result, most) = measured(work);
    let bound = EXPANDED_PER_BYTE * length + EXPANDED_TEXTS;
    assert!(most <= bound, "{most} bytes were held for an input of {length}, at most {bound} are allowed");
    result
}

/// Has one end of a conversation do something, and checks what it holds meanwhile and remembers.
pub(crate) fn conversing<T>(length: usize, work: impl FnOnce() -> T) -> T {
    let (result, most) = measured(work);
    let bound = REMEMBERED_PER_BYTE * length + AT_FIRST;
    assert!(most <= bound, "{most} bytes were held for a script of {length}, at most {bound} are allowed");
    result
}

#[cfg(test)]
mod tests {
    use super::measured;

    #[test]
    fn the_most_that_was_held_counts() {
        let (kept, most) = measured(|| {
            drop(Vec::<u8>::with_capacity(10_000));
            Vec::<u8>::with_capacity(100)
        });
        assert_eq!((kept.capacity(), most), (100, 10_000));
    }
}
