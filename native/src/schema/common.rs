//! What all signals share.

use super::Kind::{Base64, Bool, Double, Int32, Int64, Nested, Text, Uint32};
use super::{Message, many, many_or_null, one};

pub static RESOURCE: Message = Message {
    fields: &[
        many(1, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            2,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
        many(3, "entity_refs", "entityRefs", Nested(&ENTITY_REF)),
    ],
};

pub static KEY_VALUE: Message = Message {
    fields: &[
        one(1, "key", "key", Text),
        one(2, "value", "value", Nested(&ANY_VALUE)),
        one(3, "key_strindex", "keyStrindex", Int32),
    ],
};

pub static ANY_VALUE: Message = Message {
    fields: &[
        one(1, "string_value", "stringValue", Text),
        one(2, "bool_value", "boolValue", Bool),
        one(3, "int_value", "intValue", Int64),
        one(4, "double_value", "doubleValue", Double),
        one(5, "array_value", "arrayValue", Nested(&ARRAY_VALUE)),
        one(6, "kvlist_value", "kvlistValue", Nested(&KEY_VALUE_LIST)),
        one(7, "bytes_value", "bytesValue", Base64),
        one(8, "string_value_strindex", "stringValueStrindex", Int32),
    ],
};

pub static ARRAY_VALUE: Message = Message {
    fields: &[many_or_null(1, "values", "values", Nested(&ANY_VALUE))],
};

pub static KEY_VALUE_LIST: Message = Message {
    fields: &[many(1, "values", "values", Nested(&KEY_VALUE))],
};

static ENTITY_REF: Message = Message {
    fields: &[
        one(1, "schema_url", "schemaUrl", Text),
        one(2, "type", "type", Text),
        many(3, "id_keys", "idKeys", Text),
        many(4, "description_keys", "descriptionKeys", Text),
    ],
};

pub static INSTRUMENTATION_SCOPE: Message = Message {
    fields: &[
        one(1, "name", "name", Text),
        one(2, "version", "version", Text),
        many(3, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            4,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
    ],
};
