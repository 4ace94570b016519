import type { FieldValue, Level, SignalRule } from '#ecs';
import type { CorrelationRule, DetectionRule, RuleSet } from '#detection';

/** A detection with a plain function in the place of a compiled selection. */
export interface TestDetection {
  readonly id: string;
  readonly matches: (values: readonly FieldValue[]) => boolean;
  /** Fields `matches` reads. */
  readonly fields?: readonly string[];
  readonly generates?: boolean;
  readonly episode?: { readonly groupBy: readonly string[]; readonly timespan: number };
  readonly version?: string;
  readonly level?: Level;
  readonly tags?: readonly string[];
}

export type TestCorrelation = Pick<CorrelationRule, 'type' | 'inputs' | 'groupBy' | 'timespan'> &
  Partial<Pick<CorrelationRule, 'threshold' | 'field' | 'settings' | 'generates' | 'fieldOf' | 'gate'>> & {
    readonly id: string;
    readonly version?: string;
  };

/** A rule set by hand, for tests of windows that need no rule files. */
export function ruleSet(detections: readonly TestDetection[], correlations: readonly TestCorrelation[]): RuleSet {
  return {
    detections: detections.map(detectionRule),
    correlations: correlations.map(correlationRule),
    matcher: {
      readsAllText: false,
      fields: [...new Set(detections.flatMap(({ fields }) => fields ?? []))],
      match(values, found) {
        let count = 0;
        for (let i = 0; i < detections.length; i++) if (detections[i]!.matches(values)) found[count++] = i;
        return count;
      },
    },
  };
}

function detectionRule({ id, version, generates, episode, level, tags }: TestDetection): DetectionRule {
  return {
    kind: 'detection',
    rule: { ...signalRule(id, version, 'detection'), ...(level && { level }), ...(tags && { tags }) },
    origin: { file: 'test.yml', line: 1 },
    logsource: {},
    generates: generates ?? false,
    episode: episode ?? { groupBy: ['source.ip'], timespan: 900_000 },
  };
}

function correlationRule({ id, version, ...rest }: TestCorrelation): CorrelationRule {
  return {
    kind: 'correlation',
    rule: signalRule(id, version, rest.type),
    origin: { file: 'test.yml', line: 1 },
    settings: {},
    generates: true,
    fieldOf: (name) => name,
    ...rest,
  };
}

function signalRule(id: string, version: string | undefined, type: string): SignalRule {
  return {
    id,
    version: version ?? '1',
    title: id,
    level: 'medium',
    techniques: [],
    tags: [],
    references: [],
    falsePositives: [],
    type,
    asks: '',
  };
}
