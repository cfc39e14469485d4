import { TextInput } from "@mantine/core";
import { createContext, use } from "react";
import { useTranslation } from "react-i18next";
import type { Choices } from "../../parts/choices";
import classes from "./user.module.css";

interface Relations {
  relations: Choices;
  relate: (school: string, relation: string) => void;
}

/** RelationsContext is what the user is to each school; by it typing draws the fields anew and not the whole list. */
export const RelationsContext = createContext<Relations>({ relations: new Map(), relate: () => undefined });

const suggestions = "relations";

/** Relation is what the user is to a school that is ticked. */
export function Relation({ id, school }: { id: string; school: string }) {
  const { t } = useTranslation("user");
  const { relations, relate } = use(RelationsContext);
  return (
    <TextInput
      className={classes.relation ?? ""}
      size="xs"
      aria-label={t("schools.relationTo", { school })}
      placeholder={t("schools.relation")}
      list={suggestions}
      maxLength={60}
      value={relations.get(id) ?? ""}
      onChange={({ currentTarget }) => {
        relate(id, currentTarget.value);
      }}
    />
  );
}

/** RelationSuggestions are the usual relations; others can be typed. */
export function RelationSuggestions() {
  const { t } = useTranslation("user");
  const usual = [t("relation.partner"), t("relation.consultant"), t("relation.adviser"), t("relation.governor")];
  return (
    <datalist id={suggestions}>
      {usual.map((relation) => (
        <option key={relation} value={relation} />
      ))}
    </datalist>
  );
}
