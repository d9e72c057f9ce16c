/**
 * The networks, the trainer, the losses and all else that runs in browsers as well as in Node.
 *
 * @module tfjs-gan
 */

// The public face: import from here or a subpath, never from a file inside. Inside, files import the defining file.

// core
export {
  BackendUnavailableError,
  CheckpointError,
  DataFormatError,
  type DivergenceDetails,
  TrainingDivergedError,
} from './core/errors.ts';
export type { NamedArray, NamedArrays } from './core/named-arrays.ts';
export { Random, type RandomState } from './core/random.ts';
export type { ValueRange } from './core/value-range.ts';

// data
export type { Batch, BatchesOptions, Dataset } from './data/dataset.ts';
export type { DatasetOptions } from './data/dataset-options.ts';
export type { NestedNumbers } from './data/flatten.ts';
export { datasetFromArray } from './data/from-array.ts';
export { datasetFromIdx, type IdxFiles } from './data/from-idx.ts';
export { datasetFromTensor, type DatasetFromTensorOptions } from './data/from-tensor.ts';
export { datasetFromTfData, type DatasetFromTfDataOptions } from './data/from-tf-data.ts';
export { grid25 } from './data/grid25.ts';
export { type IdxArray, type IdxType, parseIdx } from './data/idx.ts';
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
export { instanceNoise, type InstanceNoiseOptions } from './transforms/instance-noise.ts';
export { packing } from './transforms/packing.ts';
export type { Transform, TransformContext } from './transforms/transform.ts';

// layers
export {
  ConditionalBatchNorm,
  type ConditionalBatchNormOptions,
} from './layers/conditional-batch-norm.ts';
export { OneHot, type OneHotOptions } from './layers/one-hot.ts';
export { ProjectionHead, type ProjectionHeadOptions } from './layers/projection-head.ts';

// optimizers
export { adam, type AdamOptions } from './optimizers/adam.ts';
export { clipGradients, type ClipOptions } from './optimizers/clip-gradients.ts';
export type { OptimizerSpec, UpdatedWeight, WeightUpdate } from './optimizers/optimizer.ts';
export { rmsprop, type RmspropOptions } from './optimizers/rmsprop.ts';
export { cosineDecay } from './core/schedules/cosine-decay.ts';
export {
  type Schedule,
  type TrainingProgress,
  type UpdateProgress,
  valueAt,
} from './core/schedules/schedule.ts';
export { linearDecay, type DecayOptions } from './core/schedules/linear-decay.ts';
export { stepDecay, type StepDecayOptions } from './core/schedules/step-decay.ts';
export { warmup, type WarmupOptions } from './core/schedules/warmup.ts';
export { sgd, type SgdOptions } from './optimizers/sgd.ts';

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
export {
  Discriminator,
  type DiscriminatorInputs,
  type DiscriminatorOptions,
} from './models/discriminator.ts';
export { Generator } from './models/generator.ts';
export type {
  ConditionsOf,
  GeneratorInput,
  GeneratorInputs,
  NetworkInputsOf,
  PresetConditions,
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
export {
  dcganDiscriminator,
  type DcganDiscriminatorOptions,
} from './models/dcgan/dcgan-discriminator.ts';
export { dcganGenerator, type DcganGeneratorOptions } from './models/dcgan/dcgan-generator.ts';
export type {
  DcganInitializer,
  DcganNetworkOptions,
  Normalization,
} from './models/dcgan/dcgan-options.ts';
export { mlpDiscriminator, type MlpDiscriminatorOptions } from './models/mlp/mlp-discriminator.ts';
export { mlpGenerator, type MlpGeneratorOptions } from './models/mlp/mlp-generator.ts';
export type { MlpNetworkOptions } from './models/mlp/mlp-options.ts';
export {
  resnetDiscriminator,
  type ResnetDiscriminatorOptions,
} from './models/resnet/resnet-discriminator.ts';
export { resnetGenerator, type ResnetGeneratorOptions } from './models/resnet/resnet-generator.ts';
export type { ResnetOptions } from './models/resnet/resnet-options.ts';
export {
  snganDiscriminator,
  type SnganDiscriminatorOptions,
} from './models/sngan/sngan-discriminator.ts';
export {
  type OrthogonalWeightsOptions,
  setOrthogonalWeights,
} from './models/orthogonal-weights.ts';

// losses
export { BceLoss, type BceLossOptions } from './losses/adversarial/bce.ts';
export { HingeLoss } from './losses/adversarial/hinge.ts';
export {
  LeastSquaresLoss,
  type LeastSquaresLossOptions,
} from './losses/adversarial/least-squares.ts';
export { MinimaxLoss } from './losses/adversarial/minimax.ts';
export {
  type RelativisticBase,
  RelativisticLoss,
  type RelativisticLossOptions,
} from './losses/adversarial/relativistic.ts';
export { WassersteinLoss } from './losses/adversarial/wasserstein.ts';
export type { ConstrainedWeight, Constraint, BoundConstraint } from './constraints/constraint.ts';
export { SpectralNorm, type SpectralNormOptions } from './constraints/spectral-norm.ts';
export { WeightClipping, type WeightClippingOptions } from './constraints/weight-clipping.ts';
export type { Loss } from './losses/loss.ts';
export {
  checkGradientPenalty,
  type CheckGradientPenaltyOptions,
  type GradientPenaltyReport,
} from './losses/penalties/check/check-gradient-penalty.ts';
export type { UnsafeOperation } from './losses/penalties/check/unsafe-operations.ts';
export { DraganPenalty, type DraganPenaltyOptions } from './losses/penalties/dragan.ts';
export {
  FeatureMatching,
  type FeatureMatchingOptions,
} from './losses/penalties/feature-matching.ts';
export {
  GradientPenalty,
  type GradientPenaltyOptions,
  type GradientPenaltyPlace,
} from './losses/penalties/gradient-penalty.ts';
export {
  HistoricalAveraging,
  type HistoricalAveragingOptions,
} from './losses/penalties/historical-averaging.ts';
export { OrthogonalPenalty, type OrthogonalPenaltyOptions } from './losses/penalties/orthogonal.ts';
export type {
  LayerOutputs,
  PenalizedWeight,
  Penalty,
  PenaltyContext,
} from './losses/penalties/penalty.ts';
export type { PenaltyOptions } from './losses/penalties/penalty-options.ts';
export { R1Penalty, type R1PenaltyOptions } from './losses/penalties/r1.ts';
export { R2Penalty, type R2PenaltyOptions } from './losses/penalties/r2.ts';

// games
export type { UpdatesPerStep } from './games/adversarial-game.ts';
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
  type Slot,
  type Tensors,
  type TensorSpec,
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
  type OverfittingAlarm,
  type OverfittingAlarmOptions,
  type OverfittingRecord,
} from './training/callbacks/overfitting-alarm.ts';
export { saveGenerator, type SaveGeneratorOptions } from './training/callbacks/save-generator.ts';
export type { CheckpointFiles, CheckpointStore } from './training/state/checkpoint-store.ts';
export { memoryStore } from './training/state/checkpoints/memory-store.ts';
export type { StoreRestoreOptions } from './training/state/checkpoints/restore-from-store.ts';
export type { TrainerConfiguration } from './training/state/configuration.ts';
export { fitWithRollback, type RollbackOptions } from './training/fit-with-rollback.ts';
export { Gan } from './training/gan.ts';
export { History, type HistoryData } from './training/history.ts';
export type { RunningTrainer } from './training/running-trainer.ts';
export type { RestoreOptions } from './training/state/restore.ts';
export type {
  EpochInfo,
  LoggedInfo,
  PerNetwork,
  StepMetrics,
  StepInfo,
  StepPartSeconds,
} from './training/step-info.ts';
export type { TrainOptions } from './training/loop/train-options.ts';
export type { TrainBound } from './training/train-bound.ts';
export { Trainer } from './training/trainer.ts';
export type {
  AuxiliaryWeights,
  GameTrainerOptions,
  TrainerOptions,
} from './training/trainer-options.ts';
export type {
  DataCursor,
  OptimizerSnapshot,
  TrainerSnapshot,
  TrainingPlan,
} from './training/state/trainer-snapshot.ts';
export type {
  DataDescription,
  NetworkDescription,
  TrainingDescription,
} from './training/state/describe-networks.ts';

// presets
export {
  createDcgan,
  type CreateDcganOptions,
  type NormalizationPerNetwork,
} from './presets/dcgan.ts';
export { createSngan, type CreateSnganOptions } from './presets/sngan.ts';
export { createWgan, type CreateWganOptions } from './presets/wgan.ts';
export { createWganGp, type CreateWganGpOptions } from './presets/wgan-gp.ts';
export { createInfoGan, type CreateInfoGanOptions } from './presets/info-gan.ts';
export { createMlpGan, type CreateMlpGanOptions } from './presets/mlp-gan.ts';
export type { PresetTrainerOptions } from './presets/assemble-gan.ts';
