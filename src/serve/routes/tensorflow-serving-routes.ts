import { formatValue } from '../../core/format.ts';
import { isRecord } from '../../core/checks.ts';
import { readRecord } from '../fields.ts';
import { HttpError } from '../http-error.ts';
import { readJson } from '../read-body.ts';
import { bodyResponse, jsonResponse } from '../respond.ts';
import type { Call, Route, RouteContext } from '../route.ts';
import { computed } from '../sample-fields.ts';
import { checkCount, givenJob, inputTensors, wrapped } from './protocol-inputs.ts';

const json = ['application/json'];

/**
 * The REST interface of TensorFlow Serving: requests by rows and by columns.
 *
 * @see {@link https://www.tensorflow.org/tfx/serving/api_rest}
 *
 * @internal
 */
export function tensorflowServingRoutes(context: RouteContext): Route[] {
  const { about, settings } = context;
  const state = { state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } };
  const status = { model_version_status: [{ version: '1', ...state }] };
  const predict = async (call: Call): Promise<Response> => {
    const read = await readJson(call.request, settings.maxBodyBytes);
    const body = readRecord('the body', read, ['signature_name', 'instances', 'inputs']);
    const { instances, inputs } = body as Readonly<Record<'instances' | 'inputs', unknown>>;
    if ((instances === undefined) === (inputs === undefined)) {
      throw new HttpError(400, 'the body must have instances or inputs, and not both');
    }
    const byColumn = inputs !== undefined;
    const { values, count } = byColumn ? columnsOf(inputs, context) : rowsOf(instances, context);
    const job = givenJob(about, values, count, 'nested');
    const samples = await computed(context, call, job, count);
    const start = `{"${byColumn ? 'outputs' : 'predictions'}":`;
    return bodyResponse(wrapped(start, samples, '}'), 'application/json');
  };
  const schema = {
    type: 'object',
    properties: { instances: { type: 'array' }, inputs: {}, signature_name: { type: 'string' } },
  };
  return ['', '/versions/1'].flatMap((version): Route[] => [
    {
      method: 'GET',
      path: `/v1/models/${settings.name}${version}`,
      summary: 'TensorFlow Serving: the state of the model',
      returns: json,
      run: () => jsonResponse(status),
    },
    {
      method: 'POST',
      path: `/v1/models/${settings.name}${version}:predict`,
      summary: 'TensorFlow Serving: samples of given inputs',
      body: { 'application/json': schema },
      returns: json,
      run: predict,
    },
  ]);
}

interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly count: number;
}

/** One instance for each sample: the value of the only input, or a value for each input by name. */
function rowsOf(instances: unknown, { about, settings }: RouteContext): Given {
  if (!Array.isArray(instances)) {
    throw new HttpError(400, `instances must be a list, got ${formatValue(instances)}`);
  }
  const count = checkCount(instances.length, settings.maxCount);
  const names = inputTensors(about).map(({ name }) => name);
  const [only = ''] = names;
  if (names.length === 1 && !isRecord(instances[0]))
    return { values: { [only]: instances }, count };
  const rows = instances.map((instance) => readRecord('each instance', instance, names));
  return {
    values: Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])),
    count,
  };
}

/** All samples at once: the values of the only input, or those of each input by name. */
function columnsOf(inputs: unknown, { about, settings }: RouteContext): Given {
  const names = inputTensors(about).map(({ name }) => name);
  const [first = ''] = names;
  const values =
    names.length === 1 && Array.isArray(inputs)
      ? { [first]: inputs as unknown }
      : readRecord('inputs', inputs, names);
  const rows = values[first];
  return { values, count: checkCount(Array.isArray(rows) ? rows.length : 0, settings.maxCount) };
}
