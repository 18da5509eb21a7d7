use lwm2m_codec::{Level, Path};

use crate::sorted_map::PathSet;

/// What the operator opened, closed and looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TreeView {
    /// Nodes whose state is the opposite of the usual one.
    turned: PathSet,
    /// Object Instances that also show Resources the client does not have.
    complete: PathSet,
    pub(crate) filter: String,
    /// So many instances that Objects are closed unless they are asked for.
    pub(crate) large: bool,
}

impl TreeView {
    pub(crate) fn is_open(&self, path: &Path) -> bool {
        let usual = match path.level() {
            Level::Object => !self.large,
            // Values of a multiple Resource are in its own row too.
            Level::Resource | Level::ResourceInstance => false,
            Level::Root | Level::ObjectInstance => true,
        };
        usual != self.turned.contains(path)
    }

    pub(crate) fn set_open(&mut self, path: Path, open: bool) {
        if self.is_open(&path) != open && self.turned.remove(&path).is_none() {
            self.turned.add(path);
        }
    }

    /// Opens everything above a node, so that it has a row.
    pub(crate) fn reveal(&mut self, path: &Path) {
        for parent in std::iter::successors(path.parent(), Path::parent) {
            self.set_open(parent, true);
        }
    }

    pub(crate) fn shows_unreported(&self, instance: &Path) -> bool {
        self.complete.contains(instance)
    }

    pub(crate) fn toggle_unreported(&mut self, instance: Path) {
        if self.complete.remove(&instance).is_none() {
            self.complete.add(instance);
        }
    }

    /// Closes every Object; opens them when they are closed.
    pub(crate) fn toggle_all(&mut self) {
        self.large = !self.large;
        self.turned = PathSet::default();
    }

    pub(crate) fn words(&self) -> Vec<String> {
        self.filter.split_whitespace().map(str::to_lowercase).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_and_closes() {
        let (object, resource) = (Path::object(3), Path::resource(3, 0, 6));
        let mut view = TreeView::default();
        assert!(view.is_open(&object) && !view.is_open(&resource));
        view.set_open(object, false);
        view.set_open(object, false);
        view.set_open(resource, true);
        assert!(!view.is_open(&object) && view.is_open(&resource));
        view.reveal(&Path::resource_instance(3, 0, 6, 1));
        assert!(view.is_open(&object) && view.is_open(&resource));
        view.toggle_all();
        assert!(!view.is_open(&object) && !view.is_open(&resource));
        let mut view = TreeView { large: true, ..TreeView::default() };
        assert!(!view.is_open(&object));
        view.set_open(object, true);
        assert!(view.is_open(&object));
    }
}
