/** Findings of a plan as sentences. */

import { fillText } from '../../base/fill-text.ts';
import type { Language } from '../reasons.ts';
import type { PlanFinding, PlanFindingCode } from './check-plan.ts';

type Texts = Readonly<Record<PlanFindingCode, string>>;

export function planFindingText({ code, fields }: PlanFinding, language: Language): string {
  return fillText(texts[language][code], fields);
}

const english: Texts = {
  'phase-order': '{capability}: {phase} begins on {date}, before {earlier} ({earlierDate})',
  'sunset-before-deprecation':
    '{capability}: refused from {date}, before anybody is told ({earlier} begins on {earlierDate})',
  'not-in-policy': 'the policy {policy} has no {capability} to retire',
  'nothing-left': 'without {capabilities} no client could agree on anything',
  'window-never-opens': '{capability}: the window {cron} never opens in the brownout',
  'share-never-counts':
    '{capability}: the share of {percent} % from {from} counts at no moment of the brownout',
  'share-shrinks': '{capability}: the share shrinks from {before} % to {percent} % on {from}',
  'brownout-empty':
    '{capability}: the brownout has neither windows nor shares, so that nothing happens in it',
  'wave-names-nobody': 'the wave {wave} names nobody',
  'wave-empty': 'nobody whom the vault knows is in the wave {wave}',
  'unknown-client': 'the vault knows no client {client}',
  'exemption-ended': 'the exemption of {client} from {capability} ended on {until}',
  'exemption-without-retirement':
    '{client} is exempt from {capability}, which the plan does not retire',
  'exemption-undone':
    'the exemption of {client} from {capability} until {until} does not help: the end of {by} comes before',
};

const chinese: Texts = {
  'phase-order': '{capability}：{phase} 始于 {date}，早于 {earlier}（{earlierDate}）',
  'sunset-before-deprecation':
    '{capability}：自 {date} 起拒绝，早于任何通知（{earlier} 始于 {earlierDate}）',
  'not-in-policy': '策略 {policy} 没有可停用的 {capability}',
  'nothing-left': '去掉 {capabilities} 之后，没有客户端能与之协商',
  'window-never-opens': '{capability}：时段 {cron} 在演练阶段中从不开启',
  'share-never-counts': '{capability}：自 {from} 起的 {percent} % 比例在演练阶段中从不生效',
  'share-shrinks': '{capability}：比例在 {from} 从 {before} % 降为 {percent} %',
  'brownout-empty': '{capability}：演练阶段既没有时段也没有比例，因此什么也不会发生',
  'wave-names-nobody': '批次 {wave} 没有指明任何客户端',
  'wave-empty': '保管库认识的客户端中没有一个在批次 {wave} 中',
  'unknown-client': '保管库不认识客户端 {client}',
  'exemption-ended': '{client} 对 {capability} 的豁免已于 {until} 结束',
  'exemption-without-retirement': '{client} 被豁免 {capability}，但计划并未停用它',
  'exemption-undone': '{client} 对 {capability} 的豁免（至 {until}）不起作用：{by} 在此之前停用',
};

const texts: Readonly<Record<Language, Texts>> = { en: english, 'zh-CN': chinese };
