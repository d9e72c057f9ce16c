"""Checks every ONNX file in a folder as strictly as the onnx package can, and prints what each says of itself as JSON.

    python3 test/export/read_onnx.py FOLDER
"""

import json
import sys
from pathlib import Path

import onnx
from onnx import TensorProto

TYPES = {TensorProto.FLOAT: "float32", TensorProto.INT32: "int32", TensorProto.UINT8: "uint8"}


def ends(values):
    result = {}
    for value in values:
        tensor = value.type.tensor_type
        sizes = [size.dim_param or size.dim_value for size in tensor.shape.dim]
        result[value.name] = [TYPES[tensor.elem_type], sizes]
    return result


def describe(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True)
    names = [initializer.name for initializer in model.graph.initializer]
    assert len(names) == len(set(names)), f"{path}: two initializers have one name"
    return {
        "inputs": ends(model.graph.input),
        "outputs": ends(model.graph.output),
        "producer": [model.producer_name, model.producer_version],
        "opset": [each.version for each in model.opset_import],
        "metadata": {each.key: each.value for each in model.metadata_props},
    }


print(json.dumps({path.stem: describe(path) for path in sorted(Path(sys.argv[1]).glob("*.onnx"))}))
