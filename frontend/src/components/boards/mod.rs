//! What the pages of the boards are made of.

mod add_to_board;
mod board_grid;
mod board_head;
mod board_list;
mod chart_tile;
mod choice;
mod delete_board_dialog;
mod new_board_dialog;
mod object_choice;
mod series_list;
mod series_picker;
mod tile_dialog;
mod tile_frame;
mod tile_notes;
mod tile_pointer;
mod value_tile;
mod wall_bar;

pub(crate) use add_to_board::AddToBoardDialog;
pub(crate) use board_grid::BoardGrid;
pub(crate) use board_head::BoardHead;
pub(crate) use board_list::BoardList;
pub(crate) use delete_board_dialog::DeleteBoardDialog;
pub(crate) use new_board_dialog::NewBoardDialog;
pub(crate) use series_list::SeriesList;
pub(crate) use series_picker::SeriesPicker;
pub(crate) use tile_dialog::TileDialog;
pub(crate) use wall_bar::WallBar;
