"""The OpenAPI description of the API as what its page shows: lists with their parameters, and the shapes of what they answer."""


def lists_of(schema):
    """Each list: its name, address and summary, its parameters as (name, meaning), the shape of its records, and what of that
    shape only the address of a single record shows."""
    shapes, lists = schema["components"]["schemas"], []
    for path, operations in schema["paths"].items():
        if one := schema["paths"].get(f"{path}{{slug}}/"):
            many = operations["get"]
            shape = answer_of(one["get"])
            row = name_of(shapes[answer_of(many)]["properties"]["results"]["items"])
            lists.append(
                {
                    "name": many["tags"][0],
                    "path": path,
                    "summary": many["summary"],
                    "parameters": [(given["name"], given["description"].replace("`", "")) for given in many["parameters"]],
                    "shape": shape,
                    "left_out": [name for name in shapes[shape]["properties"] if name not in shapes[row]["properties"]],
                }
            )
    return lists


def answer_of(operation):
    """The shape of what an operation answers when all is well."""
    return name_of(operation["responses"]["200"]["content"]["application/json"]["schema"])


def shapes_of(schema):
    """Each shape of a record, part or value: its name, what it is, and its fields as (name, what it holds, meaning)."""
    return [
        {
            "name": name,
            "meaning": shape.get("description", ""),
            "fields": [(field, type_of(said), meaning_of(said)) for field, said in shape["properties"].items()],
        }
        for name, shape in schema["components"]["schemas"].items()
        if not name.endswith("InList") and not name.startswith("Paginated")
    ]


def type_of(schema):
    """What a value is: (words before, name of a shape or "", words behind): ("list of ", "Evidence", "")."""
    behind = ", or null" if schema.get("nullable") else ""
    if "allOf" in schema:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        return "", name_of(schema), behind
    if schema["type"] == "array":
        before, name, inner = type_of(schema["items"])
        return f"list of {before}", name, inner + behind
    if "enum" in schema:
        return f"one of {', '.join(value or 'nothing' for value in schema['enum'])}", "", behind
    return {"uri": "address", "date": "day"}.get(schema.get("format"), WORDS[schema["type"]]), "", behind


def meaning_of(schema):
    """What a value means, without the meanings of each of its choices: these are a list in Markdown behind it."""
    return schema.get("description", "").partition("* `")[0].strip()


WORDS = {"string": "text", "integer": "whole number", "object": "texts by name"}


def name_of(schema):
    """The shape that a schema refers to."""
    return schema["$ref"].rpartition("/")[2]
