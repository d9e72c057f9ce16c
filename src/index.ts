/**
 * The networks, the trainer, the losses and all else that runs in browsers as well as in Node.
 *
 * @module tfjs-gan
 */

// The public face: import from here or a subpath, never from a file inside. Inside, files import
// the defining file.

// core
export {
  BackendUnavailableError,
  CheckpointError,
  DataFormatError,
  TrainingDivergedError,
} from './core/errors.ts';
export type { NamedArray, NamedArrays } from './core/named-arrays.ts';
export { Random } from './core/random.ts';
export type { ValueRange } from './core/value-range.ts';

// data
export { augmented, type AugmentOptions } from './data/augmented.ts';
export type { Batch, BatchesOptions, Dataset } from './data/dataset.ts';
export type { DatasetOptions } from './data/dataset-options.ts';
export type { NestedNumbers } from './data/flatten.ts';
export { datasetFromArray } from './data/from-array.ts';
export { datasetFromIdx } from './data/from-idx.ts';
export { datasetFromTensor, type DatasetFromTensorOptions } from './data/from-tensor.ts';
export { datasetFromTfData, type DatasetFromTfDataOptions } from './data/from-tf-data.ts';
export { grid25 } from './data/grid25.ts';
export { type IdxArray, parseIdx } from './data/idx.ts';
export type { InMemoryDataset } from './data/in-memory.ts';
export type { MixtureDataset, MixtureOptions } from './data/mixture.ts';
export { paired } from './data/paired.ts';
export { ring8 } from './data/ring8.ts';
export { unpaired } from './data/unpaired.ts';

// io
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from './io/safetensors.ts';

// backends
export type { Availability, Backend, BackendName } from './backends/backend.ts';
export type { BackendReport, RefusedBackend } from './backends/backend-report.ts';
export { type BackendChoice, useBackend } from './backends/select-backend.ts';

// gradients
export { enableSecondOrderGradients } from './gradients/enable-second-order-gradients.ts';

// transforms
export { adaptiveAugment } from './transforms/adaptive-augment.ts';
export { diffAugment } from './transforms/diff-augment.ts';
export { instanceNoise } from './transforms/instance-noise.ts';
export { packing } from './transforms/packing.ts';
export type { Transform, TransformContext, TransformFeedback } from './transforms/transform.ts';

// layers
export { Blur } from './layers/blur.ts';
export { ConditionalBatchNorm } from './layers/conditional-batch-norm.ts';
export { LearnedBasis } from './layers/learned-basis.ts';
export { MinibatchDeviation } from './layers/minibatch-deviation.ts';
export { OneHot } from './layers/one-hot.ts';
export { ProjectionHead } from './layers/projection-head.ts';

// optimizers
export { adam } from './optimizers/adam.ts';
export { clipGradients } from './optimizers/clip-gradients.ts';
export type { OptimizerSpec, UpdatedWeight, WeightUpdate } from './optimizers/optimizer.ts';
export { rmsprop } from './optimizers/rmsprop.ts';
export { cosineDecay } from './core/schedules/cosine-decay.ts';
export {
  type Schedule,
  type TrainingProgress,
  type UpdateProgress,
  valueAt,
} from './core/schedules/schedule.ts';
export { linearDecay, type DecayOptions } from './core/schedules/linear-decay.ts';
export { stepDecay } from './core/schedules/step-decay.ts';
export { warmup } from './core/schedules/warmup.ts';
export { sgd } from './optimizers/sgd.ts';

// models
export type {
  CodeInput,
  LabelInput,
  LatentInput,
  Network,
  NetworkInput,
  NetworkInputs,
  TensorInput,
  ValueInput,
} from './models/network.ts';
export type { ClassLabels, Codes, ConditionVectors } from './models/conditions.ts';
export type {
  ClassConditioning,
  ClassInputs,
  CodeInputs,
  ConditioningMethod,
  ConditioningOptions,
  NoConditioning,
  VectorConditioning,
  VectorInputs,
} from './models/conditioning.ts';
export { Discriminator, type DiscriminatorOptions } from './models/discriminator.ts';
export { Generator } from './models/generator.ts';
export type {
  ConditionsOf,
  GeneratorInput,
  GeneratorInputs,
  NetworkInputsOf,
  Unconditional,
} from './models/generator-inputs.ts';
export type {
  GenerateOptions,
  GeneratorOptions,
  SampleOptions,
} from './models/generator-options.ts';
export type { ImageShape } from './models/image-shape.ts';
export type { LatentPathOptions } from './models/latent-path.ts';
export type { LatentDistribution } from './models/latents.ts';
export { dcganDiscriminator } from './models/dcgan/dcgan-discriminator.ts';
export { dcganGenerator, type DcganGeneratorOptions } from './models/dcgan/dcgan-generator.ts';
export type { DcganNetworkOptions, Normalization } from './models/dcgan/dcgan-options.ts';
export { mlpDiscriminator } from './models/mlp/mlp-discriminator.ts';
export { mlpGenerator, type MlpGeneratorOptions } from './models/mlp/mlp-generator.ts';
export type { MlpNetworkOptions } from './models/mlp/mlp-options.ts';
export { r3ganDiscriminator } from './models/r3gan/r3gan-discriminator.ts';
export { r3ganGenerator, type R3ganGeneratorOptions } from './models/r3gan/r3gan-generator.ts';
export type { R3ganNetworkOptions } from './models/r3gan/r3gan-options.ts';
export { resnetDiscriminator } from './models/resnet/resnet-discriminator.ts';
export { resnetGenerator, type ResnetGeneratorOptions } from './models/resnet/resnet-generator.ts';
export type { ResnetOptions } from './models/resnet/resnet-options.ts';
export {
  snganDiscriminator,
  type SnganDiscriminatorOptions,
} from './models/sngan/sngan-discriminator.ts';
export { setOrthogonalWeights } from './models/orthogonal-weights.ts';

// losses
export { BceLoss } from './losses/adversarial/bce.ts';
export { HingeLoss } from './losses/adversarial/hinge.ts';
export { LeastSquaresLoss } from './losses/adversarial/least-squares.ts';
export { MinimaxLoss } from './losses/adversarial/minimax.ts';
export { RelativisticLoss } from './losses/adversarial/relativistic.ts';
export { WassersteinLoss } from './losses/adversarial/wasserstein.ts';
export type { ConstrainedWeight, Constraint, BoundConstraint } from './constraints/constraint.ts';
export { SpectralNorm } from './constraints/spectral-norm.ts';
export { WeightClipping } from './constraints/weight-clipping.ts';
export type { Loss } from './losses/loss.ts';
export {
  checkGradientPenalty,
  type CheckGradientPenaltyOptions,
  type GradientPenaltyReport,
} from './losses/penalties/check-gradient-penalty.ts';
export { ConsistencyPenalty } from './losses/penalties/consistency.ts';
export { DraganPenalty } from './losses/penalties/dragan.ts';
export { FeatureMatching } from './losses/penalties/feature-matching.ts';
export { GradientPenalty } from './losses/penalties/gradient-penalty.ts';
export { HistoricalAveraging } from './losses/penalties/historical-averaging.ts';
export { LecamPenalty } from './losses/penalties/lecam.ts';
export { OrthogonalPenalty } from './losses/penalties/orthogonal.ts';
export type { PenalizedWeight, Penalty, PenaltyContext } from './losses/penalties/penalty.ts';
export type { PenaltyOptions } from './losses/penalties/penalty-options.ts';
export { R1Penalty } from './losses/penalties/r1.ts';
export { R2Penalty } from './losses/penalties/r2.ts';

// games
export {
  type BatchSpec,
  defineGame,
  type EmaOptions,
  type Game,
  type GameNetwork,
  type GameNetworks,
  type InputName,
  type InputOfKind,
  type NetworkName,
  type NetworkWeight,
  type OutputName,
  type Pass,
  type PenaltyInputs,
  type RunOptions,
  type Settings,
  type Tensors,
  type Terms,
  type TrainedName,
  type Turn,
} from './games/game.ts';

// training
export type { Callback, TrainEndReason, TrainRun } from './training/callback.ts';
export { checkpoint, type CheckpointOptions } from './training/callbacks/checkpoint.ts';
export { collapseAlarm, type CollapseAlarmOptions } from './training/callbacks/collapse-alarm.ts';
export type { CollapseWarning } from './training/callbacks/collapse-warnings.ts';
export { earlyStop, type EarlyStopOptions } from './training/callbacks/early-stop.ts';
export {
  evaluateEvery,
  type EvaluateEvery,
  type EvaluateEveryOptions,
  type EvaluationRecord,
} from './training/callbacks/evaluate-every.ts';
export type { Every } from './training/callbacks/every.ts';
export type { Monitor } from './training/callbacks/monitor.ts';
export {
  overfittingAlarm,
  type OverfittingAlarmOptions,
  type OverfittingRecord,
} from './training/callbacks/overfitting-alarm.ts';
export { saveGenerator, type SaveGeneratorOptions } from './training/callbacks/save-generator.ts';
export type { CheckpointFiles, CheckpointStore } from './training/state/checkpoint-store.ts';
export { memoryStore } from './training/state/checkpoints/memory-store.ts';
export type { TrainerConfiguration } from './training/state/configuration.ts';
export { fitWithRollback } from './training/fit-with-rollback.ts';
export { Gan } from './training/gan.ts';
export { History, type HistoryData } from './training/history.ts';
export type { RunningTrainer } from './training/running-trainer.ts';
export type { RestoreOptions } from './training/state/restore.ts';
export type { EpochInfo, LoggedInfo, PerNetwork, StepInfo } from './training/step-info.ts';
export type { TrainOptions } from './training/loop/train-options.ts';
export type { TrainBound } from './training/train-bound.ts';
export { Trainer } from './training/trainer.ts';
export type { GameTrainerOptions, TrainerOptions } from './training/trainer-options.ts';
export type { TrainerSnapshot } from './training/state/trainer-snapshot.ts';
export type { TrainingDescription } from './training/state/describe-networks.ts';

// presets
export { createDcgan, type CreateDcganOptions } from './presets/dcgan.ts';
export { createR3gan, type CreateR3ganOptions } from './presets/r3gan.ts';
export { createSngan, type CreateSnganOptions } from './presets/sngan.ts';
export { createWgan } from './presets/wgan.ts';
export { createWganGp } from './presets/wgan-gp.ts';
export { createInfoGan, type CreateInfoGanOptions } from './presets/info-gan.ts';
export { createMlpGan, type CreateMlpGanOptions } from './presets/mlp-gan.ts';
export type { PresetTrainerOptions } from './presets/assemble-gan.ts';
