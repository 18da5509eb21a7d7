//! The chart: Resources of one client or of several over time, what moves it and what reads it out. The plain types behind
//! it are in [`crate::chart`].

mod canvas;
mod export;
mod gestures;
mod legend;
mod marks;
mod state;
mod stored;
mod table;
mod thresholds;
mod times;
mod without_axis;

pub(crate) use canvas::ChartCanvas;
pub(crate) use export::{ExportMenu, Sharing};
pub(crate) use gestures::Gestures;
pub(crate) use legend::Legend;
pub(crate) use marks::follow_bootstraps;
pub(crate) use state::{ChartPage, ChartState};
pub(crate) use stored::follow_stored;
pub(crate) use table::Table;
pub(crate) use thresholds::LEVELS;
pub(crate) use times::Times;
pub(crate) use without_axis::without_axis;
