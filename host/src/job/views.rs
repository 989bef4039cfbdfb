//! The Pod as policies read it: strictly, so that a list of another type is not an empty one.

use super::reading::{Readable, Unreadable, read};
use super::{Container, Job, Pointer, Volume, pod};
use serde_json::Value;

impl Job {
    /// All containers, in the order of [`Job::containers`].
    pub fn read_containers(&self) -> Result<Vec<Container<'_>>, Unreadable> {
        let init = self.with_names(&pod::INIT_CONTAINERS)?;
        Ok(pod::containers_in(init, self.with_names(&pod::CONTAINERS)?))
    }

    /// The container of this name.
    pub fn read_container(&self, name: &str) -> Result<Option<Container<'_>>, Unreadable> {
        let mut containers = self.read_containers()?.into_iter();
        Ok(containers.find(|container| container.name == name))
    }

    /// The Pod's volumes.
    pub fn read_volumes(&self) -> Result<Vec<Volume<'_>>, Unreadable> {
        Ok(pod::volumes_in(self.with_names(&pod::VOLUMES)?).collect())
    }

    /// The volume of this name.
    pub fn read_volume(&self, name: &str) -> Result<Option<Volume<'_>>, Unreadable> {
        Ok(self.read_volumes()?.into_iter().find(|volume| volume.name == name))
    }

    /// The claim behind a volume.
    pub fn read_claim<'a>(&self, volume: &Volume<'a>) -> Result<Option<&'a str>, Unreadable> {
        part(volume.json, || volume.pointer(), "/persistentVolumeClaim/claimName")
    }

    /// The items of a list of a container of which a field has this value, each with its place.
    pub fn items_with(
        &self,
        container: &str,
        list: &str,
        field: &str,
        value: &str,
    ) -> Result<Vec<(Pointer, &Value)>, Unreadable> {
        let Some(container) = self.read_container(container)? else { return Ok(Vec::new()) };
        let list = container.pointer().key(list);
        let mut found = Vec::new();
        for (index, item) in self.list(&list)?.iter().enumerate() {
            if part::<&str>(item, || list.index(index), field)? == Some(value) {
                found.push((list.index(index), item));
            }
        }
        Ok(found)
    }

    /// The text of a field of each item of a list that has it.
    pub fn texts_of(&self, list: &Pointer, field: &str) -> Result<Vec<String>, Unreadable> {
        let mut texts = Vec::new();
        for (index, item) in self.list(list)?.iter().enumerate() {
            texts.extend(part::<&str>(item, || list.index(index), field)?.map(str::to_owned));
        }
        Ok(texts)
    }

    /// Whether a toleration covers a taint of this key, whatever its value and effect.
    pub fn tolerates(&self, key: &str) -> Result<bool, Unreadable> {
        let list = Pointer::pod().key("tolerations");
        for (index, toleration) in self.list(&list)?.iter().enumerate() {
            let place = || list.index(index);
            let text =
                |field| part::<&str>(toleration, place, field).map(Option::unwrap_or_default);
            let (name, operator, effect) = (text("/key")?, text("/operator")?, text("/effect")?);
            let is_for_a_while = !toleration["tolerationSeconds"].is_null();
            let covers = name.is_empty() || name == key;
            if covers && operator == "Exists" && effect.is_empty() && !is_for_a_while {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The items of a list; none if there is no list.
    fn list(&self, place: &Pointer) -> Result<&[Value], Unreadable> {
        Ok(self.read(place)?.unwrap_or_default())
    }

    /// The items of a list. An error unless the name of each is text, or none.
    fn with_names(&self, list: &Pointer) -> Result<&[Value], Unreadable> {
        let items = self.list(list)?;
        for (index, item) in items.iter().enumerate() {
            read::<&str>(item, "/name").map_err(|error| error.below(&list.index(index)))?;
        }
        Ok(items)
    }
}

/// A part of a value that stands at a place of the Job. Only an error needs the place.
pub fn part<'v, T: Readable<'v>>(
    json: &'v Value,
    place: impl FnOnce() -> Pointer,
    part: &str,
) -> Result<Option<T>, Unreadable> {
    read(json, part).map_err(|error| error.below(&place()))
}
