import { List, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { named } from "../../i18n/named";
import type { Effect } from "./effect";

interface EffectPanelProps {
  title: string;
  effect: Effect;
  /** same is said where nothing is different. */
  same: string;
  /** members is how many people it concerns. */
  members: number;
  /** own says that one is among them. */
  own: boolean;
}

/** EffectPanel says, before anything is saved, what will be different for how many people. */
export function EffectPanel({ title, effect, same, members, own }: EffectPanelProps) {
  const { t } = useTranslation("roles");
  const { added, taken, opened, closed } = effect;
  const counts = { added: added.length, taken: taken.length };
  const nothing = counts.added + counts.taken === 0;
  const whom = members === 0 ? t("effect.nobody") : t("effect.members", { count: members });
  return (
    <Paper withBorder p="md" radius="md">
      <Stack gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text role="status">{nothing ? same : `${t("effect.counts", counts)} ${whom}`}</Text>
        {!nothing && own && <Text fw={600}>{t("effect.own")}</Text>}
        <Labels title={t("effect.added")} labels={added.map(named)} />
        <Labels title={t("effect.taken")} labels={taken.map(named)} />
        <Labels title={t("effect.opened")} labels={opened.map(named)} />
        <Labels title={t("effect.closed")} labels={closed.map(named)} />
      </Stack>
    </Paper>
  );
}

function Labels({ title, labels }: { title: string; labels: readonly string[] }) {
  if (labels.length === 0) return null;
  return (
    <div>
      <Text fw={600}>{title}</Text>
      <List>
        {labels.map((label) => (
          <List.Item key={label}>{label}</List.Item>
        ))}
      </List>
    </div>
  );
}
