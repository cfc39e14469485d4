import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";

/** SchoolFilter picks one of thousands of schools by the beginning of its name. */
export function SchoolFilter({ id, onChoose }: { id: string; onChoose: (id: string) => void }) {
  const { t } = useTranslation("users");
  const list = useId();
  const chosen = useQuery({
    queryKey: ["own", "school", id],
    queryFn: id === "" ? skipToken : () => answer(api.GET("/api/v1/schools/{id}", { params: { path: { id } } })),
  });
  const [typed, setTyped] = useState<string>();
  const [sought] = useDebouncedValue(typed?.trim() ?? "", 250);
  const found = useQuery({
    queryKey: ["own", "schoolsNamed", sought],
    queryFn: () => answer(api.GET("/api/v1/schools", { params: { query: { q: sought, limit: 50 } } })),
  });
  const [was, setWas] = useState(id);
  if (id !== was) {
    setWas(id);
    if (id !== "") setTyped(undefined);
  }
  const choose = useRef(onChoose);
  useEffect(() => {
    choose.current = onChoose;
  });
  const schools = found.data?.items ?? [];
  const whole = sought !== "" && typed?.trim() === sought ? schools.find((s) => s.name === sought)?.id : undefined;
  useEffect(() => {
    if (whole === undefined) return; // typed to its end, before it was found
    choose.current(whole);
  }, [whole]);
  const shown = typed ?? (id === "" ? "" : (chosen.data?.name ?? schools.find((s) => s.id === id)?.name ?? ""));
  const unknown =
    typed !== undefined && typed !== "" && sought === typed.trim() && found.isSuccess && schools.length === 0;
  return (
    <>
      <TextInput
        label={t("filter.school")}
        value={shown}
        list={list}
        autoComplete="off"
        error={unknown ? t("filter.noSchool") : undefined}
        onChange={(event) => {
          const { value } = event.currentTarget;
          const school = schools.find((s) => s.name === value);
          setTyped(value);
          if (school) onChoose(school.id);
          else if (value === "" || id !== "") onChoose("");
        }}
      />
      <datalist id={list}>
        {schools.map((s) => (
          <option key={s.id} value={s.name} />
        ))}
      </datalist>
    </>
  );
}
