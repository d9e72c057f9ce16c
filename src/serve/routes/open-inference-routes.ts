import { libraryVersion } from '../../core/version.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { readRecord } from '../fields.ts';
import { HttpError } from '../http-error.ts';
import { readJson } from '../read-body.ts';
import { bodyResponse, jsonResponse } from '../respond.ts';
import type { Call, Route, RouteContext } from '../route.ts';
import { computed } from '../sample-fields.ts';
import { checkCount, givenJob, inputTensors, outputTensor, wrapped } from './protocol-inputs.ts';

const json = ['application/json'];

/**
 * The Open Inference Protocol, version 2: that of KServe, Triton, OpenVINO Model Server and Seldon.
 *
 * @see {@link https://github.com/kserve/open-inference-protocol}
 *
 * @internal
 */
export function openInferenceRoutes(context: RouteContext): Route[] {
  const { about, settings } = context;
  const { name } = settings;
  const output = outputTensor(about);
  const metadata = {
    name,
    versions: ['1'],
    platform: 'tfjs-gan',
    inputs: inputTensors(about),
    outputs: [output],
  };
  const infer = async (call: Call): Promise<Response> => {
    const { id, values, count } = readInferBody(
      await readJson(call.request, settings.maxBodyBytes),
      context,
    );
    const job = givenJob(about, values, count, 'flat');
    const samples = await computed(context, call, job, count);
    const shape = [count, ...about.outputShape];
    const head = { model_name: name, model_version: '1', ...(id !== undefined && { id }) };
    const tensor = JSON.stringify({ ...output, shape }).slice(0, -1);
    const start = `${JSON.stringify(head).slice(0, -1)},"outputs":[${tensor},"data":`;
    return bodyResponse(wrapped(start, samples, '}]}'), 'application/json');
  };
  const body = { 'application/json': inferSchema };
  return [
    {
      method: 'GET',
      path: '/v2',
      summary: 'Open Inference Protocol: the server',
      returns: json,
      run: () => jsonResponse({ name: 'tfjs-gan', version: libraryVersion, extensions: [] }),
    },
    ...['', '/versions/1'].flatMap((version): Route[] => [
      {
        method: 'GET',
        path: `/v2/models/${name}${version}`,
        summary: 'Open Inference Protocol: inputs and outputs of the model',
        returns: json,
        run: () => jsonResponse(metadata),
      },
      {
        method: 'GET',
        path: `/v2/models/${name}${version}/ready`,
        summary: 'Open Inference Protocol: whether the model is ready',
        returns: json,
        run: () => jsonResponse({ name, ready: true }),
      },
      {
        method: 'POST',
        path: `/v2/models/${name}${version}/infer`,
        summary: 'Open Inference Protocol: samples of given inputs',
        body,
        returns: json,
        run: infer,
      },
    ]),
  ];
}

/** The inputs of a request by name, and their number of rows. */
function readInferBody(
  json: unknown,
  { about, settings }: RouteContext,
): {
  readonly id: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  readonly count: number;
} {
  const body = readRecord('the body', json, ['id', 'parameters', 'inputs', 'outputs']);
  const { id, inputs, outputs } = body as Readonly<Record<'id' | 'inputs' | 'outputs', unknown>>;
  if (id !== undefined && typeof id !== 'string') {
    throw new HttpError(400, `id must be a string, got ${formatValue(id)}`);
  }
  checkOutputs(outputs);
  const tensors = inputTensors(about);
  const names = tensors.map(({ name }) => name);
  if (!Array.isArray(inputs) || inputs.length !== tensors.length) {
    throw new HttpError(400, `inputs must be a list of ${names.join(', ')}`);
  }
  const given = new Map<string, unknown>();
  let count: number | undefined;
  for (const input of inputs) {
    const { name, shape, datatype, data } = readRecord('each input', input, [
      ...['name', 'shape', 'datatype', 'parameters', 'data'],
    ]) as Readonly<Record<'name' | 'shape' | 'datatype' | 'data', unknown>>;
    const wanted = tensors.find((tensor) => tensor.name === name);
    if (wanted === undefined || given.has(wanted.name)) {
      throw new HttpError(
        400,
        `the names of inputs must be ${names.join(', ')}, got ${formatValue(name)}`,
      );
    }
    const types = wanted.datatype === 'FP32' ? ['FP32', 'FP64'] : ['INT32', 'INT64'];
    if (!types.includes(String(datatype))) {
      throw new HttpError(
        400,
        `the datatype of ${wanted.name} must be ${wanted.datatype}, got ${formatValue(datatype)}`,
      );
    }
    const rows: unknown = Array.isArray(shape) ? shape[0] : undefined;
    const own = checkCount(rows, settings.maxCount);
    const [, ...row] = wanted.shape;
    const fits =
      Array.isArray(shape) &&
      shape.length === 1 + row.length &&
      row.every((size, i) => shape[i + 1] === size);
    if (!fits || (count !== undefined && count !== own)) {
      throw new HttpError(
        400,
        `the shape of ${wanted.name} must be ${formatShape([count ?? own, ...row])}, got ${formatValue(shape)}`,
      );
    }
    count = own;
    given.set(wanted.name, data);
  }
  return { id, values: Object.fromEntries(given), count: count! };
}

/** There is one output; a client may name it, but not request another form. */
function checkOutputs(outputs: unknown): void {
  if (outputs === undefined) return;
  const fits =
    Array.isArray(outputs) &&
    outputs.every((output) => (output as { name?: unknown } | null)?.name === 'samples');
  if (!fits) throw new HttpError(400, "outputs must be left out, or [{ name: 'samples' }]");
}

const inferSchema = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: 'string' },
    inputs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'shape', 'datatype', 'data'],
        properties: {
          name: { type: 'string' },
          shape: { type: 'array', items: { type: 'integer' } },
          datatype: { enum: ['FP32', 'FP64', 'INT32', 'INT64'] },
          data: { type: 'array' },
        },
      },
    },
  },
};
