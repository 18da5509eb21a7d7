use console_api::Tile;
use leptos::prelude::*;

use crate::components::Modal;
use crate::components::boards::{SeriesList, SeriesPicker};
use crate::workbench::Workbench;

/// Which Resources of other devices the chart shows, too.
#[component]
pub(crate) fn CompareDialog() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let most = Signal::derive(move || Tile::SERIES - 1);
    view! {
        <Modal
            open=bench.comparing
            on_close=move || bench.comparing.set(false)
            title=Signal::derive(|| "Compare with other devices".to_owned())
            name="compare-dialog"
        >
            <div class="board-form">
                <SeriesList series=bench.compared />
                <SeriesPicker
                    series=bench.compared
                    most=most
                    path=bench.selected.get_untracked().map(|path| path.to_string()).unwrap_or_default()
                />
                <div class="form-actions">
                    <button type="button" class="button primary" data-testid="compare-done" on:click=move |_| bench.comparing.set(false)>
                        "Done"
                    </button>
                </div>
            </div>
        </Modal>
    }
}
