use console_api::{Operation, OperationRequest};
use leptos::prelude::*;
use lwm2m_codec::{Level, Path};

use super::{Dialog, Workbench};
use crate::browser;
use crate::sorted_map::PathSet;
use crate::write::Form;

impl Workbench {
    /// Shows or hides the boxes to tick.
    pub(crate) fn toggle_choosing(self) {
        self.chosen.update(|chosen| {
            *chosen = if chosen.is_some() { None } else { Some(PathSet::default()) };
        });
    }

    /// Ticks a node, or no longer.
    pub(crate) fn choose(self, path: Path) {
        self.chosen.update(|chosen| {
            let chosen = chosen.get_or_insert_with(PathSet::default);
            if chosen.remove(&path).is_none() {
                chosen.add(path);
            }
        });
    }

    pub(crate) fn is_chosen(self, path: &Path) -> bool {
        self.chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.contains(path)))
    }

    pub(crate) fn chosen_paths(self) -> Vec<Path> {
        self.chosen.with(|chosen| chosen.iter().flat_map(PathSet::paths).collect())
    }

    /// One request for everything that is ticked.
    pub(crate) fn ask_composite(self, operation: Operation, paths: &[Path]) {
        let paths: Vec<String> = paths.iter().map(Path::to_string).collect();
        let request = OperationRequest::composite(operation, paths.iter().map(String::as_str));
        self.ask_for(request, Path::ROOT);
    }

    /// A form of the ticked Resources, and of the writable ones in ticked Objects and Object Instances whose values
    /// are known.
    pub(crate) fn open_write_composite(self) {
        let chosen = untrack(|| self.chosen_paths());
        let form = untrack(|| {
            self.live.with_model(|model| {
                self.live.with_device(|device| {
                    let known = device.paths().into_iter().filter(|path| {
                        path.level() == Level::Resource
                            && chosen.iter().any(|above| above != path && path.starts_with(above))
                    });
                    let mut paths: Vec<Path> =
                        chosen.iter().copied().filter(|path| path.level() >= Level::Resource).collect();
                    paths.extend(known);
                    paths.sort_unstable();
                    paths.dedup();
                    let lines = paths.into_iter().filter_map(|path| {
                        let definition = model.resource(path.object_id()?, path.resource_id()?);
                        let writable = definition.is_none_or(|definition| definition.operations.write);
                        let content = device.cell(&path).map(|cell| &cell.content);
                        writable.then_some((path, definition, content))
                    });
                    Form::composite(lines, browser::east_min)
                })
            })
        });
        self.form.set(form);
        self.dialog.set(Some(Dialog::Form));
    }
}
