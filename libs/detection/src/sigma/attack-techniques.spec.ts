import { describe, expect, it } from 'vitest';
import { attackTactics } from '../rule-cases/attack-ids.js';
import { techniqueProblem } from './attack-techniques.js';

describe('ids of ATT&CK techniques', () => {
  it('that shipped rules name are all there', () => {
    expect(Object.keys(attackTactics).filter((id) => techniqueProblem(id) !== undefined)).toEqual([]);
  });

  it.each<[string, string | undefined]>([
    ['t1110', undefined],
    ['t1110.004', undefined],
    ['t1110.005', 'is no subtechnique of T1110 in ATT&CK for Enterprise 18'],
    ['t1999', undefined],
    ['t1111.001', 'is no subtechnique of T1111 in ATT&CK for Enterprise 18'],
    ['t1000', 'is no technique of ATT&CK for Enterprise 18'],
    ['t1086', 'was withdrawn from ATT&CK: write attack.t1059.001'],
    ['t1574.002', 'was withdrawn from ATT&CK: write attack.t1574.001'],
    ['t1055.006', 'is no subtechnique of T1055 in ATT&CK for Enterprise 18'],
  ])('%s: %s', (id, problem) => {
    expect(techniqueProblem(id)).toBe(problem);
  });

  it('that took the place of others are themselves in force', () => {
    for (let number = 1000; number < 1700; number++) {
      const successor = /attack\.(t\d.*)$/.exec(techniqueProblem(`t${number}`) ?? '')?.[1];
      if (successor) expect([successor, techniqueProblem(successor)]).toEqual([successor, undefined]);
    }
  });
});
