//! A tree as data: the fields are documented at `Tree`.

use std::panic::Location;
use std::time::UNIX_EPOCH;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{Owner, ScopeNode, State, TaskNode, Tree};
use crate::live::TaskKind;

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A clock that is before 1970 says nothing of use.
        let taken_at = self.taken_at().duration_since(UNIX_EPOCH);
        let mut tree = serializer.serialize_struct("Tree", 5)?;
        tree.serialize_field("taken_at", &taken_at.unwrap_or_default().as_secs_f64())?;
        tree.serialize_field("shutting_down", &self.is_shutting_down())?;
        tree.serialize_field("task_count", &self.task_count())?;
        tree.serialize_field("scope_count", &self.scopes().len())?;
        tree.serialize_field("scopes", self.scopes())?;
        tree.end()
    }
}

impl Serialize for ScopeNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut scope = serializer.serialize_struct("ScopeNode", 9)?;
        scope.serialize_field("id", &self.id())?;
        scope.serialize_field("parent", &self.parent())?;
        scope.serialize_field("name", self.name())?;
        scope.serialize_field("opened_at", &self.opened_at().map(Place))?;
        scope.serialize_field("owner", &self.owner())?;
        scope.serialize_field("state", &self.state())?;
        scope.serialize_field("shielded", &self.is_shielded())?;
        scope.serialize_field("age", &self.age().as_secs_f64())?;
        scope.serialize_field("tasks", self.tasks())?;
        scope.end()
    }
}

impl Serialize for TaskNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut task = serializer.serialize_struct("TaskNode", 7)?;
        task.serialize_field("id", &self.id().map(|id| id.to_string()))?;
        task.serialize_field("name", self.name())?;
        task.serialize_field("spawned_at", &Place(self.spawned_at()))?;
        task.serialize_field("kind", &self.kind())?;
        task.serialize_field("state", &self.state())?;
        task.serialize_field("age", &self.age().as_secs_f64())?;
        task.serialize_field("detached", &self.is_detached())?;
        task.end()
    }
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut owner = serializer.serialize_struct("Owner", 2)?;
        owner.serialize_field("name", self.name())?;
        owner.serialize_field("spawned_at", &Place(self.spawned_at()))?;
        owner.end()
    }
}

impl Serialize for State {
    /// As it is displayed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for TaskKind {
    /// As it is displayed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// As `file:line:column`.
struct Place(&'static Location<'static>);

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}
