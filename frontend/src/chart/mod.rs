//! A chart: what is known of a Resource over time, which of it is shown, scales and figures are plain
//! types; [`draw`] puts them on a canvas.

mod course;
mod draw;
mod forecast;
mod gesture;
mod lane;
mod plot;
mod pyramid;
mod scale;
mod shown;
mod spark;
mod stretch;
mod texts;
mod time_view;

pub(crate) use course::{Course, Heard};
pub(crate) use draw::{Chart, Lane, Level, Mark, Palette, SERIES, Series, draw};
pub(crate) use forecast::Forecast;
pub(crate) use gesture::{Gesture, Movement};
pub(crate) use lane::{Kind, spans};
pub(crate) use plot::Plot;
pub(crate) use pyramid::{Pyramid, Summary};
pub(crate) use scale::{TimeScale, ValueScale};
pub(crate) use shown::{Sample, csv, json_lines, read_out, rounded, sentence};
pub(crate) use spark::spark_path;
pub(crate) use stretch::Stretch;
pub(crate) use texts::Texts;
pub(crate) use time_view::TimeView;
