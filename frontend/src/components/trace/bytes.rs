use leptos::prelude::*;

use crate::format;
use crate::trace::Piece;

/// Bytes that are shown at once; the rest is a click away.
const BYTES_SHOWN: usize = 1024;

/// A datagram, its bytes coloured by what they mean.
#[component]
pub(super) fn Bytes(datagram: Vec<u8>, pieces: Vec<Piece>) -> impl IntoView {
    let total = datagram.len();
    let everything = RwSignal::new(total <= BYTES_SHOWN);
    let limit = move || if everything.get() { total } else { BYTES_SHOWN };
    let (datagram, pieces) = (StoredValue::new(datagram), StoredValue::new(pieces));
    let shown = move || {
        let limit = limit();
        let piece = |piece: &Piece| {
            let bytes = datagram.with_value(|all| {
                format::hex(all.get(piece.start..piece.end.min(limit)).unwrap_or_default())
            });
            let title = format!("bytes {} to {}: {}", piece.start, piece.end, piece.meaning);
            view! { <b class=piece.class title=title>{bytes}</b>" " }
        };
        pieces
            .with_value(|pieces| pieces.iter().filter(|piece| piece.start < limit).map(piece).collect_view())
    };
    let legend = move || {
        let limit = limit();
        let entry = |piece: &Piece| {
            view! {
                <li>
                    <span class="wire-offset">{piece.start}</span>
                    <b class=piece.class>{piece.meaning.clone()}</b>
                </li>
            }
        };
        let told = |piece: &&Piece| piece.told && piece.start < limit;
        pieces.with_value(|pieces| pieces.iter().filter(told).map(entry).collect_view())
    };
    view! {
        <div class="wire trace-wire">
            <div class="wire-bytes" data-testid="trace-bytes" tabindex="0" role="group" aria-label="Bytes">{shown}</div>
            <ol class="wire-legend" tabindex="0" aria-label="Meaning of the bytes">{legend}</ol>
        </div>
        {move || (!everything.get()).then(|| view! {
            <p class="card-note">
                <button class="button small" on:click=move |_| everything.set(true)>
                    {format!("Show all {}", format::plural(total, "byte"))}
                </button>
            </p>
        })}
    }
}
